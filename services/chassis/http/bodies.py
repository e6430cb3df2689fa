"""Limits of request bodies: size, and structure before parsing."""

import re
from contextlib import nullcontext
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.core.errors import AppError, UnsupportedMediaType
from services.chassis.core.settings import Settings
from services.chassis.core.text import Text
from services.chassis.database.auth import current_caller
from services.chassis.http.json_structure import OPEN, USUAL, checked_json
from services.chassis.http.places import Places
from services.chassis.http.route_rules import RouteRule, has_body, is_multipart, rule_in

_TYPES = "application/json, application/x-www-form-urlencoded, text/csv, application/x-ndjson"
_SHOWN = 40
# Received data are held for a moment, also of a file, so each has a slot of its own.
_LARGE_BYTES = 64 * 1024
_LARGE_OF_ACCOUNT, _LARGE_IN_ALL = 8, 64
_FORM = "application/x-www-form-urlencoded"
_UTF_8 = frozenset({"utf-8", "utf8"})
# Of any spelling: with quotes, in pieces, given twice.
_CHARSET = re.compile(r";\s*charset[*0-9]*\s*=\s*\"?([^\";\s]*)", re.IGNORECASE)


class CharsetUnsupported(UnsupportedMediaType):
    """The request declares an encoding other than UTF-8."""

    code = "platform.unsupported_charset"
    title = Text("不支持的字符编码", "Unsupported charset")
    detail = Text(
        "请求体只能使用 UTF-8 编码，不支持 {charset}。",
        "Bodies must be encoded in UTF-8; {charset} is not supported.",
    )


class BodyLimits(NamedTuple):
    """The largest bodies of a process, in bytes.

    Attributes:
        file: of routes that take files, which are passed on as they come.
        data: of routes that hold the body in memory.
        open: of routes that ask for no token.
    """

    file: int
    data: int
    open: int

    @classmethod
    def of(cls, settings: Settings) -> "BodyLimits":
        """The limits in the settings of a process."""
        return cls(settings.largest_file, settings.max_body_bytes, settings.max_open_body_bytes)

    def limit(self, rule: RouteRule, headers: Headers) -> int:
        """The largest body of a request under `rule` with these headers."""
        if rule.is_open:
            return self.open
        return self.file if rule.takes_file(headers) else self.data


class TooManyLargeBodies(AppError):
    """The account already sends the maximum number of large bodies."""

    status = 429
    code = "platform.too_many_large_bodies"
    title = Text("同时上传过多", "Too many concurrent large bodies")
    detail = Text(
        "您已有 {limit} 个较大的请求体正在传输或处理；请等其中之一结束后再试。",
        "{limit} of your large bodies are being received or processed; try again when one of "
        "them has ended.",
    )


class CheckedBodies:
    """ASGI layer that refuses bodies that no route reads or that are too costly to parse.

    Who may not call a route is refused before any of the body is read. However many requests an
    account may have, few of them hold megabytes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._large = Places(_LARGE_OF_ACCOUNT, TooManyLargeBodies, _LARGE_IN_ALL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            NotAuthenticated: the route asks for a token, and there is no good one.
            UnsupportedMediaType: the body is multipart, or in another encoding than UTF-8.
            TooManyLargeBodies: the account sends many large ones already.
        """
        headers = Headers(scope=scope) if scope["type"] == "http" else None
        if headers is None or not has_body(headers):
            await self._app(scope, receive, send)
            return
        rule = rule_in(scope)
        if rule.is_open:
            await self._app(scope, _checked(rule, headers, receive), send)
            return
        caller = await current_caller(Request(scope))
        if not rule.takes_file(headers):
            receive = _checked(rule, headers, receive)
        with self._large.place(caller) if _may_be_large(headers) else nullcontext():
            await self._app(scope, receive, send)


def _may_be_large(headers: Headers) -> bool:
    length = headers.get("content-length", "")
    return not length.isdigit() or int(length) > _LARGE_BYTES


def _checked(rule: RouteRule, headers: Headers, receive: Receive) -> Receive:
    """Receives a data body: a form as it arrives, JSON when it is complete and checked."""
    if is_multipart(headers):
        raise UnsupportedMediaType(accepted=_TYPES)
    kind = headers.get("content-type", "")
    for charset in _CHARSET.findall(kind):
        if charset.lower() not in _UTF_8:
            raise CharsetUnsupported(charset=charset[:_SHOWN])
    if kind.partition(";")[0].strip().lower() == _FORM:
        return receive
    bounds = OPEN if rule.is_open else USUAL
    is_read = False

    async def receive_checked() -> Message:
        nonlocal is_read
        if is_read:
            return await receive()
        body = await read_whole(receive)
        is_read = True
        return {"type": "http.request", "body": checked_json(body, bounds), "more_body": False}

    return receive_checked


async def read_whole(receive: Receive) -> bytes:
    """The body of a request, which the request frame bounds.

    Raises:
        ClientDisconnect: the client has left before its end.
    """
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect  # the received part may look like a complete request
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)
