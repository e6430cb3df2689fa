"""Checks of texts: what belongs in a line, in prose, in a name and in a code.

What is stored is what people see (`visible_text`); what nobody can read is refused.
"""

import re
from typing import Any

from pydantic import ValidationInfo

from services.chassis.core.text import Text
from services.chassis.core.visible_text import (
    is_usual,
    lost_character,
    named,
    visible,
    visible_code,
    visible_name,
)
from services.chassis.schemas.validation import invalid_value

# Error values of spreadsheet programs.
SPREADSHEET_ERRORS = frozenset(
    (
        *("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!"),
        *("#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!"),
        "#EXTERNAL!",
    )
)


def no_error_value(value: Any) -> Any:
    """Refuse a text that is what a spreadsheet shows for a failed formula: it is nobody's name.

    An import takes it for that, too; so what the API accepts can be exported and imported again.
    """
    if isinstance(value, str) and value.strip() in SPREADSHEET_ERRORS:
        raise invalid_value(
            "text.error_value",
            Text("不能是表格的错误值 {value}", "Must not be the error value {value} of a sheet"),
            value=value.strip(),
        )
    return value


# Control characters (C0, DEL, C1), and the separators of lines and paragraphs.
_NOT_IN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def one_line(value: Any) -> Any:
    """Refuse what does not belong in a text of one line; take away what nobody sees around it."""
    if not isinstance(value, str):
        return value
    text: str = no_nul(value)
    return _one_line(text if is_usual(text) else _legible(visible(text)))


def _one_line(value: str) -> str:
    line = value.strip()
    if found := _NOT_IN_A_LINE.search(line):
        words = Text(
            "须为一行文字，不能含换行符或控制字符（{character}）",
            "Must be one line, without line breaks and control characters ({character})",
        )
        raise invalid_value("text.not_one_line", words, character=f"U+{ord(found[0]):04X}")
    return line


def prose(value: Any) -> Any:
    """A text of several lines without hidden characters; its paragraphs stay indented."""
    return _legible(visible(no_nul(value), keep_spaces=True)) if isinstance(value, str) else value


def person_name(value: Any) -> Any:
    """The same for the name of a person, which loses its padding, too (see `visible_name`)."""
    if not isinstance(value, str):
        return value
    text: str = no_nul(value)
    if is_usual(text) and " " not in text:
        return _one_line(text)
    return _one_line(_legible(visible_name(text)))


def code_text(value: Any, info: ValidationInfo) -> Any:
    """A code or number in half-width characters, without space or hidden marks around it.

    Bodies are written by programs, of which the contract asks for the code as it is.
    """
    if not isinstance(value, str) or (info.config or {}).get("strict"):
        return no_nul(value)
    return visible_code(no_nul(value))


def _legible(text: str) -> str:
    """Refuse characters that no reader can make out: what stood there is lost."""
    if (lost := lost_character(text)) is not None:
        words = Text(
            "含有无法辨认的字符 {character}，原来的文字已在转换中丢失；请对照原件改正",
            "Contains the unreadable character {character}: the original text was lost in a "
            "conversion. Correct it from the source",
        )
        raise invalid_value("text.lost_character", words, character=named(lost))
    return text


def no_nul(value: Any) -> Any:
    """Refuse U+0000 in text: PostgreSQL cannot store it."""
    if isinstance(value, str) and "\x00" in value:
        raise invalid_value("text.nul", Text("文本中不能有空字符", "NUL is not allowed"))
    return value
