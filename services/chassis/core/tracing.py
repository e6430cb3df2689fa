"""Traces through gateway, services, SQL and jobs, when a collector is configured.

This is all that the rest of the code sees of OpenTelemetry. Without a collector nothing of it is
imported, and a span costs one comparison. A fault of tracing is counted, and never reaches the
work that is traced.
"""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from enum import StrEnum
from functools import partial
from types import TracebackType
from typing import Any, Protocol

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.core.harmless import harmless
from services.chassis.core.settings import Settings

TRACE_HEADERS = frozenset({"traceparent", "tracestate"})


class Kind(StrEnum):
    """Side of a call that a span describes."""

    SERVER = "SERVER"
    CLIENT = "CLIENT"
    CONSUMER = "CONSUMER"


class Span(Protocol):
    """Attributes of a running span, never personal data."""

    def name(self, name: str) -> None:
        """Call it otherwise than at its beginning."""

    def set(self, **attributes: str | int) -> None:
        """Add attributes; `_` in a name stands for `.`."""


class _NoSpan:
    def name(self, name: str) -> None:
        """Nobody listens."""

    def set(self, **attributes: str | int) -> None:
        """Nobody listens."""


class Tracing(Protocol):
    """Interface of `telemetry`."""

    def span(
        self, name: str, kind: Kind, parent: Mapping[str, str] | None
    ) -> AbstractContextManager[Span]:
        """A span around a piece of work."""

    def headers(self) -> dict[str, str]:
        """The present span as W3C trace context."""

    def watch(self, connection: Any) -> None:
        """Report the statements of an asyncpg connection."""

    async def close(self) -> None:
        """Send what is still waiting."""


class _HarmlessSpan:
    """A span whose own faults go no further."""

    def __init__(self, opening: Callable[[], AbstractContextManager[Span]]) -> None:
        self._opening = opening
        self._manager: AbstractContextManager[Span] | None = None
        self._span: Span = _NOTHING

    def __enter__(self) -> Span:
        with harmless("traces"):
            manager = self._opening()
            self._span, self._manager = manager.__enter__(), manager
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._manager:
            with harmless("traces"):
                self._manager.__exit__(kind, error, trace)

    @harmless("traces")
    def name(self, name: str) -> None:
        """Call it otherwise than at its beginning."""
        self._span.name(name)

    @harmless("traces")
    def set(self, **attributes: str | int) -> None:
        """Add attributes."""
        self._span.set(**attributes)


_NOTHING = _NoSpan()
_active: Tracing | None = None


def span(
    name: str, kind: Kind, parent: Mapping[str, str] | None = None
) -> AbstractContextManager[Span]:
    """A span around a piece of work, below `parent` (trace headers) or the present span."""
    if _active is None:
        return nullcontext(_NOTHING)
    return _HarmlessSpan(partial(_active.span, name, kind, parent))


def trace_headers() -> dict[str, str]:
    """Headers that pass the present trace to the next process; empty without a collector."""
    if _active:
        with harmless("traces"):
            return _active.headers()
    return {}


def watch_statements(connection: Any) -> None:
    """Report the statements of an asyncpg connection as spans."""
    if _active:
        with harmless("traces"):
            _active.watch(connection)


def activate(tracing: Tracing | None) -> None:
    """Use `tracing` from now on; None for nothing."""
    global _active
    _active = tracing


class TracedRequests:
    """ASGI layer: one span around each request, named by its route's template."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if _active is None or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        parent = {name: headers[name] for name in TRACE_HEADERS if name in headers}
        with span(scope["method"], Kind.SERVER, parent) as current:

            async def send_traced(message: Message) -> None:
                if message["type"] == "http.response.start":
                    current.set(http_response_status=message["status"])
                await send(message)

            try:
                await self._app(scope, receive, send_traced)
            finally:
                route = getattr(scope.get("route"), "path", None) or scope.get("route_template")
                current.name(f"{scope['method']} {route or 'unmatched'}")


@asynccontextmanager
async def traced(process: str, settings: Settings) -> AsyncIterator[None]:
    """Send traces of this process meanwhile, if a collector is configured."""
    endpoint = settings.otlp_endpoint or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    if not endpoint:
        yield
        return
    from services.chassis.core.telemetry import OpenTelemetry, exporting_to

    tracing = OpenTelemetry(process, exporting_to(endpoint))
    activate(tracing)
    try:
        yield
    finally:
        activate(None)
        with harmless("traces"):
            await tracing.close()
