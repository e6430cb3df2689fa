"""Validation rules of template cells: a part of the import checks, applied at once."""

from datetime import date
from typing import Any

from services.chassis.core.text import Language, Text
from services.chassis.imports.templates.columns import TemplateColumn
from services.chassis.imports.templates.wording import allowed_in

_INVALID = Text("{column}：内容有误", "{column}: not valid")
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 12, 31)
# Spreadsheets take no longer ones.
_LONGEST_MESSAGE, _LONGEST_TITLE = 255, 32


def rule_of(column: TemplateColumn, choices: str, language: Language) -> dict[str, Any] | None:
    """The rule of a column with what is said when a cell breaks it; None when there is none.

    Args:
        column: the column.
        choices: the range with the values of a coded one.
        language: of the words.
    """
    rule = _rule(column, choices)
    title = _INVALID.render(language, column=column.title.render(language))
    return rule and {
        **rule,
        "error_title": title[:_LONGEST_TITLE],
        "error_message": allowed_in(column, language)[:_LONGEST_MESSAGE],
    }


def _rule(column: TemplateColumn, choices: str) -> dict[str, Any] | None:
    if column.codes:
        return {"validate": "list", "source": choices}
    if column.kind == "date":
        return _between("date", _EARLIEST, _LATEST)
    if column.lowest is not None and column.highest is not None:
        return _between(column.kind, column.lowest, column.highest)
    if column.longest is not None:
        return {"validate": "length", "criteria": "<=", "value": column.longest}
    return None


def _between(kind: str, lowest: Any, highest: Any) -> dict[str, Any]:
    return {"validate": kind, "criteria": "between", "minimum": lowest, "maximum": highest}
