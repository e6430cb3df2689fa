r"""Values in COPY's text format: one line a row, tabs between columns, `\N` for null."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_AS_STR = (int, Decimal, UUID)


def escape(text: str) -> str:
    """Text in which COPY takes nothing for a separator."""
    return text.translate(_ESCAPES) if _needs_escaping(text) else text


def _needs_escaping(text: str) -> bool:
    # `isprintable` is true of most cells, and much faster than looking for four characters.
    return "\\" in text or not text.isprintable()


def copy_bytes(value: bytes) -> str:
    """A bytea."""
    return "\\\\x" + value.hex()


def copy_text(value: Any) -> str:
    """Any value that a field can have.

    Raises:
        TypeError: a type that no column has.
    """
    if value is None:
        return NULL
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, _AS_STR):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return copy_bytes(value)
    raise TypeError(f"no column holds a {type(value).__name__}")
