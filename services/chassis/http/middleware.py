"""Context of every request: id, language, body limit, timing, one log line."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.core.errors import AppError, BodyTooLarge, BodyTooSlow
from services.chassis.core.metrics import observe
from services.chassis.core.request_id import HEADER, accept_request_id, current_request_id
from services.chassis.core.text import current_language, negotiate
from services.chassis.http.bodies import BodyLimits
from services.chassis.http.preconditions import Conditions, current_conditions, names
from services.chassis.http.problems import answer_to
from services.chassis.http.route_rules import RuleFinder, rule_in, set_rule

log = structlog.get_logger()

_DRAINED_BYTES = 1024**3
_DRAINED_SECONDS = 60
# A request holds its slot while its body arrives: a client that sends a byte now and then would
# hold it forever, and a few hundred of them would hold all slots.
_SILENT_SECONDS, _BYTES_PER_SECOND = 30, 500


class RequestFrame:
    """Outermost ASGI layer of every process."""

    def __init__(self, app: ASGIApp, service: str, rules: RuleFinder, limits: BodyLimits) -> None:
        self._app, self._service, self._rule_of, self._limits = app, service, rules, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request inside its context."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = accept_request_id(headers.get(HEADER))
        current_request_id.set(request_id)
        current_language.set(negotiate(headers.get("accept-language")))
        conditions = Conditions.of(headers)
        current_conditions.set(conditions)
        rule = self._rule_of(scope)
        set_rule(scope, rule)
        body = _Limited(headers, receive, self._limits.limit(rule, headers))
        started, status = time.perf_counter(), 0

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                outgoing = MutableHeaders(raw=message["headers"])
                if _is_known(scope, conditions, message["status"], outgoing.get("etag")):
                    message["status"] = 304
                    del outgoing["content-length"]
                status = message["status"]
                outgoing[HEADER] = request_id
                outgoing.setdefault("X-Content-Type-Options", "nosniff")
                outgoing.setdefault("Cache-Control", "no-store")
                message["headers"] = outgoing.raw
            elif status == 304:
                message = {"type": "http.response.body", "body": b""}
            elif body.is_refused and not message.get("more_body"):
                await send({**message, "more_body": True})
                await body.drain()
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        try:
            await self._app(scope, body, send_framed)
        except ClientDisconnect:
            log.info("client went away", path=scope["path"])
        except Exception as error:
            if status:  # the response has begun, so the connection can only be closed
                raise
            await answer_to(error, scope)(scope, receive, send_framed)
        finally:
            self._record(scope, status, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        template = _template(scope)
        observe(self._service, scope["method"], template, status, seconds)
        if template not in ("/livez", "/readyz", "/metrics"):
            log.info(
                "request",
                method=scope["method"],
                route=template,
                status=status,
                ms=round(seconds * 1000, 1),
            )


def _is_known(scope: Scope, conditions: Conditions, status: int, etag: str | None) -> bool:
    """Whether the client already has this state, so that 304 is sufficient."""
    asked = conditions.if_none_match
    if scope["method"] != "GET" or status != 200 or etag is None or asked is None:
        return False
    return names(asked, etag)


def _template(scope: Scope) -> str:
    route: Any = scope.get("route")
    return getattr(route, "path", None) or scope.get("route_template") or rule_in(scope).path


class _Limited:
    """Receives a body, and refuses one that is too large, announced or not, or too slow."""

    def __init__(self, headers: Headers, receive: Receive, limit: int) -> None:
        announced = headers.get("content-length", "0")
        self._receive, self._limit, self._seen = receive, limit, 0
        self._announced = int(announced) if announced.isdigit() else 0
        self._more = True
        self._waited = 0.0
        self.is_refused = False

    async def __call__(self) -> Message:
        """The next message, counted.

        Raises:
            BodyTooLarge: the body is over the limit.
            BodyTooSlow: nothing comes for long, or little in all that time.
        """
        if self._announced > self._limit:
            raise self._too_large()
        message = await self._in_time() if self._more else await self._receive()
        if self._seen > self._limit:
            raise self._too_large()
        return message

    async def drain(self) -> None:
        """Discard the rest of a refused body, up to a limit.

        Closing a connection with unread data resets it, and a client that is still sending
        would see the reset instead of the answer.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAINED_SECONDS):
                while self._more and self._seen < _DRAINED_BYTES:
                    await self._next()

    async def _in_time(self) -> Message:
        """The next message; a longer wait requires a minimum rate of bytes."""
        left = _SILENT_SECONDS + self._seen / _BYTES_PER_SECOND - self._waited
        began = time.monotonic()
        try:
            async with asyncio.timeout(min(left, _SILENT_SECONDS)):
                message = await self._next()
        except TimeoutError as error:
            raise BodyTooSlow(headers={"Connection": "close"}) from error
        self._waited += time.monotonic() - began
        return message

    async def _next(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        self._more = message.get("more_body", False)
        return message

    def _too_large(self) -> AppError:
        self.is_refused = True
        return BodyTooLarge(limit=self._limit, headers={"Connection": "close"})
