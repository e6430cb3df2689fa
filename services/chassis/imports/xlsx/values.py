"""Values of cells: texts, numbers, dates, booleans and errors."""

import math
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from services.chassis.imports.declaration.file_problems import WorkbookDamaged
from services.chassis.imports.headers.layout import MAX_COLUMNS
from services.chassis.imports.xlsx.rows import Cell
from services.chassis.imports.xlsx.serials import moment_of
from services.chassis.imports.xlsx.strings import SharedStrings, unescaped
from services.chassis.imports.xlsx.typed_cells import DateFormatted, ErrorCell, marked
from services.chassis.schemas.texts import SPREADSHEET_ERRORS

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# A file has no use for more columns: what is beyond stands in the first of them.
_COLUMNS = {
    letters: number
    for number, letters in enumerate(
        [*_LETTERS, *(first + second for first in _LETTERS for second in _LETTERS)][:MAX_COLUMNS]
    )
}
_REMEMBERED = 1 << 14
# Under a date format these are years that somebody typed rather than days of 1905.
_YEARS = frozenset(range(1900, 2101))
# Spreadsheet programs count with more digits than they show: 84.600000000000009 is 84.6.
_DIGITS = ".15g"
_LARGEST_WHOLE = 2**53


class Values:
    """How the cells of one sheet are to be understood.

    Args:
        strings: the texts that they share.
        date_styles: the styles that show dates.
        from_1904: how dates are counted.
    """

    def __init__(
        self, strings: SharedStrings | None, date_styles: frozenset[str], *, from_1904: bool
    ) -> None:
        self._strings: SharedStrings | Sequence[str] = strings or ()
        # A cell of no style has the first one.
        self._date_styles = date_styles | {""} if "0" in date_styles else date_styles
        self._from_1904 = from_1904
        self._moment = lru_cache(_REMEMBERED)(self._moment_of)

    def row(self, cells: Sequence[Cell], formulas: frozenset[int] = frozenset()) -> list[Any]:
        """The values of a row from column A to its last one, as they are written down.

        Args:
            cells: of the row.
            formulas: the indices of those that are formulas.

        Raises:
            WorkbookDamaged: a cell refers to a text that is not there.
        """
        values: list[Any] = []
        column = -1
        for letters, style, kind, content, inline in cells:
            column = _COLUMNS.get(letters, MAX_COLUMNS) if letters else column + 1
            if not (content or inline):
                continue
            if kind == "s":
                value: Any = self._shared(content)
            elif kind not in ("", "n"):
                value = _other(kind, content, inline)
            elif style in self._date_styles:
                value = self._moment(content)
            else:
                value = number_of(content)
            if column == len(values):
                values.append(value)
            else:
                _place(values, min(column, MAX_COLUMNS), value)
        if formulas:
            _mark_formulas(values, cells, formulas)
        while values and values[-1] == "":
            values.pop()
        return values

    def _shared(self, content: str) -> str:
        try:
            return self._strings[int(content)]
        except (ValueError, IndexError) as error:
            raise WorkbookDamaged from error

    def _moment_of(self, content: str) -> Any:
        number = number_of(content)
        if isinstance(number, dict):
            return number
        moment = moment_of(float(content), from_1904=self._from_1904)
        if moment is None or number in _YEARS:
            return marked(DateFormatted(str(number)))
        return marked(moment)


@lru_cache(_REMEMBERED)
def number_of(content: str) -> int | float | dict[str, str]:
    """A number as a spreadsheet program shows it, whole ones as such."""
    try:
        number = float(content)
    except ValueError:
        return _error(content)
    if not math.isfinite(number):
        return _error("#NUM!")
    if number.is_integer() and abs(number) <= _LARGEST_WHOLE:
        return int(number)
    return float(format(number, _DIGITS))


def _place(values: list[Any], column: int, value: Any) -> None:
    """Put a value where it belongs, behind blank cells or in place of what stands there."""
    values += [""] * (column + 1 - len(values))
    values[column] = value


def _mark_formulas(values: list[Any], cells: Sequence[Cell], formulas: frozenset[int]) -> None:
    """Say of the values of formulas what they are."""
    column = -1
    for index, (letters, *_) in enumerate(cells):
        column = min(_COLUMNS.get(letters, MAX_COLUMNS) if letters else column + 1, MAX_COLUMNS)
        if index in formulas and column < len(values) and values[column] != "":
            values[column] = {"formula": values[column]}


def _other(kind: str, content: str, inline: str) -> Any:
    if kind == "inlineStr":
        return unescaped(inline)
    if kind == "str":
        return unescaped(content)
    if kind == "b":
        return content.strip() in ("1", "true")
    return _iso(content) if kind == "d" else _error(content)


def _iso(content: str) -> dict[str, str]:
    """A date written out, as strict workbooks have it."""
    try:
        if "T" not in content:
            of_day = ":" in content
            return marked(time.fromisoformat(content) if of_day else date.fromisoformat(content))
        moment = datetime.fromisoformat(content).replace(tzinfo=None)
    except ValueError:
        return _error(content)
    return marked(moment if moment.time() != time.min else moment.date())


def _error(content: str) -> dict[str, str]:
    return marked(ErrorCell(content if content in SPREADSHEET_ERRORS else "#VALUE!"))
