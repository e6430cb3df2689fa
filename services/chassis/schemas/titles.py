"""Titles of fields: what people call a column, in both languages."""

import re
from typing import Any

from services.chassis.core.text import Text

_SHARED = {
    "id": "标识",
    "version": "版本",
    "created_at": "创建时间",
    "updated_at": "更新时间",
}
_IN_BRACKETS = re.compile(r"\(([^()]*[\u4e00-\u9fff][^()]*)\)")


def title_of(name: str, info: Any) -> Text:
    """The title of a field of a schema.

    In Chinese it is declared as `title`, or stands in brackets in the description; in English it
    is the name in words.

    Args:
        name: of the field.
        info: what the schema says of it.
    """
    return Text(info.title or _SHARED.get(name) or _bracketed(info) or name, english_title(name))


def english_title(name: str) -> str:
    """The name of a field in words: `ID number masked`."""
    words = " ".join("ID" if word == "id" else word for word in name.split("_"))
    return words[0].upper() + words[1:]


def _bracketed(info: Any) -> str:
    found = _IN_BRACKETS.search(info.description or "")
    return found[1] if found else ""
