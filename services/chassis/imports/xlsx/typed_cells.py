"""Cells of a workbook with their types, as rows are written down between reading and checking.

JSON has text, numbers and booleans; what else a cell can be stands in an object that names it:
`{"date": "2020-09-01"}`. A blank cell is an empty text, as in CSV.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import orjson

from services.chassis.core.visible_text import is_blank


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A cell without a value: it shows one of `SPREADSHEET_ERRORS`."""

    value: str

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class DateFormatted:
    """A number under a date format that is hardly a day: a year, or one that shows `####`."""

    value: str

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class FormulaCell:
    """A formula: what it shows is what some program has last made of it.

    Attributes:
        shown: the value that it shows, itself a cell; an empty text where it shows nothing.
    """

    shown: Any

    def __str__(self) -> str:
        return str(self.shown)


def marked(cell: date | time | ErrorCell | DateFormatted) -> dict[str, str]:
    """A cell that JSON has no type for, as it is written down."""
    if isinstance(cell, ErrorCell):
        return {"error": cell.value}
    if isinstance(cell, DateFormatted):
        return {"date_format": cell.value}
    return {type(cell).__name__: cell.isoformat()}


def encoded(row: Sequence[Any]) -> bytes:
    """A row of cells as a line without its end."""
    return orjson.dumps(row)


def decoded(line: bytes) -> list[Any]:
    """The cells of a line."""
    row: list[Any] = orjson.loads(line)
    if b"{" in line:
        return [_unmarked(cell) if type(cell) is dict else cell for cell in row]
    return row


def is_filled(cell: Any) -> bool:
    """Whether people see something in a cell."""
    shown = cell.shown if isinstance(cell, FormulaCell) else cell
    return not is_blank(shown) if isinstance(shown, str) else shown is not None


def as_shown(cell: Any) -> Any:
    """A cell as JSON or text has it: of those that have no value of their own what they show."""
    if isinstance(cell, FormulaCell):
        return as_shown(cell.shown)
    return str(cell) if isinstance(cell, DateFormatted | ErrorCell) else cell


def _formula(shown: Any) -> FormulaCell:
    return FormulaCell(_unmarked(shown) if type(shown) is dict else shown)


def _unmarked(cell: dict[str, Any]) -> Any:
    ((name, value),) = cell.items()
    return _KINDS[name](value)


_KINDS: dict[str, Callable[[Any], Any]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "error": ErrorCell,
    "date_format": DateFormatted,
    "formula": _formula,
}
