"""Size and structure of JSON, measured before it is parsed.

All measures take time in proportion to the body, and none depends on how the values are spelled:
a small body with many values costs more than a large one with a long text.
"""

import json
import re
from codecs import BOM_UTF8
from typing import Any, NamedTuple

from services.chassis.core.errors import BadRequest
from services.chassis.core.text import Text

# An unclosed string reaches to the end of the body, and the match never backtracks (`*+`):
# otherwise a few kilobytes of quotes would take minutes.
_TEXTS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_SHOWN = 64
_OPENING = frozenset(b"[{")
_NO_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))


class NotUtf8(BadRequest):
    """The body is JSON in an encoding other than UTF-8."""

    code = "platform.json_not_utf8"
    title = Text("JSON 不是 UTF-8 编码", "JSON not in UTF-8")
    detail = Text(
        "JSON 必须使用 UTF-8 编码（RFC 8259），不能使用 UTF-16、UTF-32 或其他编码。",
        "JSON must be encoded in UTF-8 (RFC 8259); UTF-16, UTF-32 and others are not supported.",
    )


class JsonTooDeep(BadRequest):
    """The body is nested deeper than any route requires."""

    code = "platform.json_too_deep"
    title = Text("JSON 嵌套过深", "JSON nested too deeply")
    detail = Text("JSON 最多嵌套 {limit} 层。", "JSON may be nested at most {limit} levels deep.")


class JsonTooLong(BadRequest):
    """The body has more values than any route accepts."""

    code = "platform.json_too_long"
    title = Text("JSON 值过多", "JSON with too many values")
    detail = Text("JSON 最多 {limit} 个值。", "JSON may have at most {limit} values.")


class JsonTooManyNames(BadRequest):
    """An object has more fields than any route knows."""

    code = "platform.json_too_many_names"
    title = Text("JSON 字段过多", "JSON object with too many fields")
    detail = Text(
        "一个 JSON 对象最多 {limit} 个字段。", "A JSON object may have at most {limit} fields."
    )


class JsonNameRepeated(BadRequest):
    """An object has two values for one name, one of which would be lost."""

    code = "platform.json_name_repeated"
    title = Text("JSON 字段重复", "JSON with a repeated name")
    detail = Text(
        "字段 {name} 在同一对象中出现不止一次，请只保留一个。",
        "The field {name} is repeated in one object; keep only one.",
    )


class Bounds(NamedTuple):
    """Limits of the structure of a body.

    Attributes:
        values: in the whole body.
        depth: of nested lists and objects.
        names: in one object.
    """

    values: int
    depth: int
    names: int


# A batch of a thousand records with fifty fields; no schema has as many fields as `names`.
USUAL = Bounds(values=50_000, depth=32, names=500)
# Without a token: a login has two fields.
OPEN = Bounds(values=100, depth=8, names=50)


def checked_json(body: bytes, bounds: Bounds = USUAL) -> bytes:
    """A body that may be parsed, without a byte order mark.

    RFC 8259 lets a parser ignore the mark, which some programs write before UTF-8.

    Raises:
        NotUtf8: it is in another encoding.
        JsonTooLong: it holds too many values.
        JsonTooDeep: it is nested too deeply.
        JsonTooManyNames: one of its objects has too many fields.
        JsonNameRepeated: one of its objects has a field twice.
    """
    body = body.removeprefix(BOM_UTF8)
    if not is_utf8(body):
        raise NotUtf8
    if is_too_long(body, bounds.values):
        raise JsonTooLong(limit=bounds.values)
    if is_too_deep(body, bounds.depth):
        raise JsonTooDeep(limit=bounds.depth)
    check_names(body, bounds.names)
    return body


def is_utf8(body: bytes) -> bool:
    """Whether a body is JSON in UTF-8; no JSON has a NUL, and UTF-16 and UTF-32 always have one."""
    if b"\0" in body:
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_too_long(body: bytes, limit: int = USUAL.values) -> bool:
    """Whether JSON has more than `limit` values, lists or objects."""
    if body.count(b'"') - body.count(b'\\"') > 4 * limit + 4:
        return (
            True  # each value has at most a name and a string, so a count of quotes is sufficient
        )
    if body.count(b",") < limit and body.count(b"[") + body.count(b"{") <= limit:
        return False
    rest = _TEXTS.sub(b"", body)
    return rest.count(b",") >= limit or rest.count(b"[") + rest.count(b"{") > limit


def is_too_deep(body: bytes, limit: int = USUAL.depth) -> bool:
    """Whether JSON is nested deeper than `limit`; malformed JSON is left to its parser."""
    if body.count(b"[") + body.count(b"{") <= limit:
        return False
    brackets = _TEXTS.sub(b"", body).translate(None, _NO_BRACKETS)
    depth = 0
    for bracket in brackets:
        if bracket in _OPENING:
            depth += 1
            if depth > limit:
                return True
        else:
            depth -= 1
    return False


def check_names(body: bytes, limit: int = USUAL.names) -> None:
    """Refuse objects with too many or repeated names; malformed JSON is left to its parser.

    Of a repeated name, parsers take the last value without a word (RFC 8259, 4).

    Raises:
        JsonTooManyNames: one of its objects has too many fields.
        JsonNameRepeated: one of its objects has a field twice.
    """

    def check(pairs: list[tuple[str, Any]]) -> None:
        if len(pairs) > limit:
            raise JsonTooManyNames(limit=limit)
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise JsonNameRepeated(name=name[:_SHOWN])
            seen.add(name)

    try:
        json.loads(body, object_pairs_hook=check)
    except ValueError:
        return
