"""OpenTelemetry, imported only where a collector is configured; see `tracing`."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.chassis.core.tracing import Kind, Span

_CLOSE_SECONDS, _LOOK_SECONDS = 3.0, 0.02
_NS = 1_000_000_000
# Only verb and table of a statement are recorded, because some statements contain values.
_VERB = re.compile(r"\s*(?:--[^\n]*\n\s*)*(\w+)")
_TABLE = re.compile(r"\b(?:from|into|update|join)\s+([\w.]+)", re.IGNORECASE)


def exporting_to(endpoint: str) -> SpanProcessor:
    """Sends spans in batches, from a thread of its own, to a collector (OTLP over HTTP)."""
    return BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces"))


class _Live:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def name(self, name: str) -> None:
        self._span.update_name(name)

    def set(self, **attributes: str | int) -> None:
        for name, value in attributes.items():
            self._span.set_attribute(name.replace("_", "."), value)


class OpenTelemetry:
    """Makes spans and hands them to a processor."""

    def __init__(self, process: str, processor: SpanProcessor) -> None:
        resource = Resource.create({"service.name": f"junheng-{process}"})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("junheng")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, kind: Kind, parent: Mapping[str, str] | None) -> Iterator[Span]:
        """A span around a piece of work; one that raises is marked, without its words."""
        above = self._propagator.extract(parent, Context()) if parent is not None else None
        with self._tracer.start_as_current_span(
            name,
            context=above,
            kind=trace.SpanKind[kind],
            record_exception=False,
            set_status_on_exception=False,
        ) as found:
            try:
                yield _Live(found)
            except BaseException as error:
                found.set_status(trace.StatusCode.ERROR, type(error).__name__)
                raise

    def headers(self) -> dict[str, str]:
        """The present span as W3C trace context."""
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier

    def watch(self, connection: Any) -> None:
        """Report the statements of an asyncpg connection that belong to some piece of work."""
        connection.add_query_logger(self._statement)

    def _statement(self, record: Any) -> None:
        if not trace.get_current_span().get_span_context().is_valid:
            return
        ended = time.time_ns()
        span = self._tracer.start_span(
            _summary(record.query),
            kind=trace.SpanKind.CLIENT,
            start_time=ended - int(record.elapsed * _NS),
            attributes={"db.system.name": "postgresql"},
        )
        if record.exception is not None:
            span.set_status(trace.StatusCode.ERROR, type(record.exception).__name__)
        span.end(ended)

    async def close(self) -> None:
        """Send what is still waiting, unless the collector does not take it in time.

        In a thread that the end of the process does not wait for: for each batch the library
        waits longer than all else that a process does before it ends.
        """
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                while sending.is_alive():  # noqa: ASYNC110 -- it may outlast the loop
                    await asyncio.sleep(_LOOK_SECONDS)


def _summary(query: str) -> str:
    verb, table = _VERB.match(query), _TABLE.search(query)
    return " ".join(filter(None, [verb and verb[1].lower(), table and table[1]])) or "sql"
