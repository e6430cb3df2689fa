"""Paging cursors: opaque, bound by HMAC to their list, filter, order and caller."""

import base64
import binascii
import hashlib
import hmac
from typing import Any

import orjson
from pydantic import Field

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text
from services.chassis.schemas.examples import CURSOR

_TAG = 16
# The field of every page that holds a cursor.
NEXT_CURSOR = Field(
    description="Cursor of the next page; null at the end (游标)", examples=[CURSOR]
)


class CursorInvalid(AppError):
    """The cursor was altered or belongs to a different list, filter, order or caller."""

    status = 422
    code = "platform.cursor_invalid"
    title = Text("游标无效", "Invalid cursor")
    detail = Text(
        "游标只能用于产生它的同一查询，请从第一页重新开始。",
        "A cursor is only valid for the query that returned it; start from the first page.",
    )


class Cursors:
    """Creates and reads cursors with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, position: list[Any], binding: str) -> str:
        """A cursor for the rows after `position`."""
        body = orjson.dumps(position)
        return base64.urlsafe_b64encode(self._tag(body, binding) + body).decode().rstrip("=")

    def read(self, cursor: str, binding: str) -> list[Any]:
        """The position in `cursor`.

        Raises:
            CursorInvalid: it was not written under this key for this binding.
        """
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (binascii.Error, ValueError) as error:
            raise CursorInvalid from error
        tag, body = raw[:_TAG], raw[_TAG:]
        if not hmac.compare_digest(tag, self._tag(body, binding)):
            raise CursorInvalid
        position: list[Any] = orjson.loads(body)
        return position

    def _tag(self, body: bytes, binding: str) -> bytes:
        return hmac.digest(self._key, binding.encode() + b"\0" + body, hashlib.sha256)[:_TAG]
