"""Limits that every process keeps: requests at the same time, and the shape of bodies.

Overload is answered at once, with a time to come back: a queue without end serves nobody.
"""

import json
import re
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.core.errors import BadRequest, Overloaded, UnsupportedMediaType
from services.chassis.core.text import Text
from services.chassis.http.file_paths import carries_file
from services.chassis.http.long_poll import may_wait

MAX_JSON_DEPTH = 32
# Every unknown property is a fault with its own words: millions of them would fill the memory.
MAX_JSON_VALUES = 50_000
# Whoever looks after an overloaded process must still be answered.
_ALWAYS = frozenset({"/livez", "/readyz", "/metrics"})
_TYPES = "application/json, application/x-www-form-urlencoded, text/csv, application/x-ndjson"
# An unclosed one reaches to the end, and nothing is tried twice (`*+`): looked for anew from each
# of its quotes, kilobytes of them would keep the process busy for minutes.
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_SHOWN = 64
_OPENING = frozenset(b"[{")
_NO_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))


class JsonTooDeep(BadRequest):
    """The body is nested deeper than anything that is asked for."""

    code = "platform.json_too_deep"
    title = Text("JSON 嵌套过深", "JSON nested too deeply")
    detail = Text("JSON 最多嵌套 {limit} 层。", "JSON may be nested {limit} levels deep.")


class JsonTooLong(BadRequest):
    """The body holds more values than any route takes."""

    code = "platform.json_too_long"
    title = Text("JSON 值过多", "JSON with too many values")
    detail = Text("JSON 最多 {limit} 个值。", "JSON may hold {limit} values.")


class JsonNameRepeated(BadRequest):
    """An object has two values of one name: one of them would be lost."""

    code = "platform.json_name_repeated"
    title = Text("JSON 字段重复", "JSON with a repeated name")
    detail = Text(
        "字段 {name} 在同一对象中出现不止一次,请只保留一个。",
        "{name} stands in one object more than once: keep one of them.",
    )


class Admission:
    """Lets in so many requests at the same time, and refuses the rest.

    Those that may wait are counted by themselves: however many there are, the others get in.
    """

    def __init__(self, app: ASGIApp, limit: int, waiting_limit: int) -> None:
        self._app = app
        self._limits = {False: limit, True: waiting_limit}
        self._inside = {False: 0, True: 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            Overloaded: too many are being served.
        """
        if scope["type"] != "http" or scope["path"] in _ALWAYS:
            await self._app(scope, receive, send)
            return
        waits = may_wait(scope)
        if self._inside[waits] >= self._limits[waits]:
            raise Overloaded
        self._inside[waits] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside[waits] -= 1


class BodyShape:
    """Refuses multipart bodies where no file is taken, and JSON that is too large or ambiguous."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            UnsupportedMediaType: the body is multipart.
        """
        if scope["type"] != "http" or carries_file(scope, scope["path"]):
            await self._app(scope, receive, send)
            return
        kind = Headers(scope=scope).get("content-type", "")
        if kind.strip().lower().startswith("multipart/"):
            raise UnsupportedMediaType(accepted=_TYPES)
        if _is_json(kind):
            receive = _Measured(receive)
        await self._app(scope, receive, send)


def _is_json(content_type: str) -> bool:
    """Whether the framework would read such a body as JSON; one of no stated type, too."""
    kind = content_type.partition(";")[0].strip().lower()
    return not kind or kind == "application/json" or kind.endswith("+json")


class _Measured:
    """Receives a JSON body; its reader holds it all anyway, so it is measured at its end."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._chunks: list[bytes] = []

    async def __call__(self) -> Message:
        message = await self._receive()
        self._chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            body = b"".join(self._chunks)
            if is_too_long(body):
                raise JsonTooLong(limit=MAX_JSON_VALUES)
            if is_too_deep(body):
                raise JsonTooDeep(limit=MAX_JSON_DEPTH)
            if (name := repeated_name(body)) is not None:
                raise JsonNameRepeated(name=name[:_SHOWN])
            self._chunks.clear()
        return message


def is_too_long(body: bytes, limit: int = MAX_JSON_VALUES) -> bool:
    """Whether JSON has `limit` commas or more between its values."""
    return body.count(b",") >= limit and _STRINGS.sub(b"", body).count(b",") >= limit


def is_too_deep(body: bytes, limit: int = MAX_JSON_DEPTH) -> bool:
    """Whether JSON is nested deeper than `limit`; malformed JSON is left to its parser."""
    if body.count(b"[") + body.count(b"{") <= limit:
        return False
    brackets = _STRINGS.sub(b"", body).translate(None, _NO_BRACKETS)
    depth = 0
    for bracket in brackets:
        if bracket in _OPENING:
            depth += 1
            if depth > limit:
                return True
        else:
            depth -= 1
    return False


class _Repeated(Exception):
    """Ends the reading of a body."""


def repeated_name(body: bytes) -> str | None:
    """A name that some object of this JSON has twice; malformed JSON is left to its parser.

    Parsers take the last value and say nothing (RFC 8259, 4).
    """
    try:
        json.loads(body, object_pairs_hook=_distinct)
    except _Repeated as found:
        return str(found)
    except ValueError:
        return None
    return None


def _distinct(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise _Repeated(name)
        seen.add(name)
