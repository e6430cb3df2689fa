"""Cells of a workbook with their types, as rows are written down between reading and checking.

JSON has text, numbers and booleans; what else a cell can be stands in an object that names it:
`{"date": "2020-09-01"}`. A blank cell is an empty text, as in CSV.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A cell without a value: it shows one of `SPREADSHEET_ERRORS`."""

    value: str

    def __str__(self) -> str:
        return self.value


def marked(cell: date | time | ErrorCell) -> dict[str, str]:
    """A cell that JSON has no type for, as it is written down."""
    if isinstance(cell, ErrorCell):
        return {"error": cell.value}
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


def _unmarked(cell: dict[str, str]) -> Any:
    ((name, value),) = cell.items()
    return _KINDS[name](value)


_KINDS: dict[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "error": ErrorCell,
}
