"""Limits of request bodies: how large they may be, and what of them may be parsed."""

import re
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.auth import current_caller
from services.chassis.errors import UnsupportedMediaType
from services.chassis.json_structure import OPEN, USUAL, checked_json
from services.chassis.route_rules import RouteRule, has_body, is_multipart, rule_in
from services.chassis.settings import Settings
from services.chassis.text import Text

_TYPES = "application/json, application/x-www-form-urlencoded, text/csv, application/x-ndjson"
_SHOWN = 40
_FORM = "application/x-www-form-urlencoded"
_UTF_8 = frozenset({"utf-8", "utf8"})
# Of any spelling: with quotes, in pieces, given twice.
_CHARSET = re.compile(r";\s*charset[*0-9]*\s*=\s*\"?([^\";\s]*)", re.IGNORECASE)


class CharsetUnsupported(UnsupportedMediaType):
    """The request announces a text in another encoding than UTF-8."""

    code = "platform.unsupported_charset"
    title = Text("不支持的字符编码", "Unsupported charset")
    detail = Text(
        "请求体只能使用 UTF-8 编码,不支持 {charset}。",
        "Bodies must be encoded in UTF-8, not in {charset}.",
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
        """Those that the settings of a process name."""
        return cls(settings.largest_file, settings.max_body_bytes, settings.max_open_body_bytes)

    def limit(self, rule: RouteRule, headers: Headers) -> int:
        """The largest body of a request under `rule` with these headers."""
        if rule.is_open:
            return self.open
        return self.file if rule.takes_file(headers) else self.data


class CheckedBodies:
    """ASGI layer: refuses bodies that no route reads, or that would cost too much to parse.

    Who may not call a route is refused before any of the body is read.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            NotAuthenticated: the route asks for a token, and there is no good one.
            UnsupportedMediaType: the body is multipart, or in another encoding than UTF-8.
        """
        headers = Headers(scope=scope) if scope["type"] == "http" else None
        if headers is None or not has_body(headers):
            await self._app(scope, receive, send)
            return
        rule = rule_in(scope)
        if not rule.is_open:
            await current_caller(Request(scope))
        if not rule.takes_file(headers):
            receive = _checked(rule, headers, receive)
        await self._app(scope, receive, send)


def _checked(rule: RouteRule, headers: Headers, receive: Receive) -> Receive:
    """Receives a body that is data: a form as it comes, JSON when it is whole and checked."""
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
            raise ClientDisconnect  # what has come of it may look like a request by itself
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)
