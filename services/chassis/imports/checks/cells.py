"""Cells of one column, converted from the form of the file to that of COPY.

The columns of a file hold few distinct values (codes, dates, schools), so the schema's own check
of a text, and its stored form, are remembered: a look-up costs a fiftieth of a validation. What
repeats seldom (numbers of people) is checked as a whole column where the schema allows it.
"""

import math
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticUndefined

from services.chassis.core.errors import Fault
from services.chassis.core.visible_text import is_blank, visible_code
from services.chassis.imports.checks.cell_faults import (
    MISSING,
    CellKind,
    explained,
    misfit_of,
    params_of,
)
from services.chassis.imports.checks.day_texts import UnreadableDay, day_of
from services.chassis.imports.checks.field_types import (
    adapter_of,
    digits_of,
    takes,
    whole_column,
)
from services.chassis.imports.declaration.copy_text import NULL, copy_text
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.schemas.validation import faults_of

# Exports guard cells against being read as formulas; the guard is removed here.
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_REMEMBERED = 20_000
# Larger ones are whole, and pydantic finds them too large to be looked at.
_HUGE = 2.0**62
# Types of which equal values mean the same; of numbers they do not (1, 1.0, true).
REMEMBERABLE = (str, date)


class Absent:
    """A field that the record lacks, as opposed to null."""


ABSENT = Absent()


class Column(dict[Any, str]):
    """The texts of one field's cells in COPY's format; remembers what it has seen.

    Attributes:
        name: the field.
        is_required: whether no row can be created without it.
        is_text: whether its cells are texts, which a spreadsheet might take for formulas.
        is_guarded: whether a text may have an apostrophe against being taken for a formula.
        kind: what its cells are, as far as the form of a file can change them.
        bad: the faults of the cells that `texts` found faulty, last time.
        default: its columns when the record has no such cell.
    """

    def __init__(self, spec: ImportSpec, name: str, *, is_guarded: bool = True) -> None:
        super().__init__()
        info = spec.row.model_fields[name]
        derived = spec.derived.get(name)
        self.name = name
        self.bad: dict[Any, list[Fault]] = {}
        self.is_required = info.is_required()
        self._check = adapter_of(info).validator.validate_python
        self._codes = spec.code_list(name)
        self.is_text, self._is_day = takes(info, str), takes(info, date)
        self.kind = CellKind(
            self.is_text, self._codes is not None, takes(info, bool), digits_of(info)
        )
        self.is_guarded = is_guarded and self.is_text
        self._default = None if info.default is PydanticUndefined else info.default
        self._encode: Callable[[Any], str] = derived.encode if derived else copy_text
        self._partial = derived.partial if derived else None
        self._at_once = derived.at_once if derived else None
        self._whole = None if derived or self._codes else whole_column(info)
        self._nulls = "\t".join([NULL] * len(spec.columns_of(name)))
        self.default = self._nulls if self._default is None else self._encode(self._default)

    def texts(self, cells: Sequence[Any]) -> Sequence[str]:
        """The stored form of every cell; of a faulty one nulls, with its faults in `bad`."""
        self.bad.clear()
        try:
            if self._whole and self._fit("\n".join(cells), len(cells)):
                return cells
            if self._at_once:
                texts = self._at_once(cells)
                return [
                    self._other(cell) if text is None else text
                    for cell, text in zip(cells, texts, strict=True)
                ]
            if len(self) > _REMEMBERED:
                self.clear()
            return list(map(self.__getitem__, cells))
        except (TypeError, KeyError):  # not all of them are text
            return [
                self[cell] if type(cell) in REMEMBERABLE else self._other(cell) for cell in cells
            ]

    def value(self, cell: Any) -> Any:
        """The checked value of a good cell."""
        if cell is ABSENT or _is_empty(cell):
            return self._default
        return self._check(self._plain(cell))

    def faults(self, cell: Any) -> list[Fault]:
        """The faults of a cell."""
        return self.bad.get(_key(cell), [])

    def __missing__(self, cell: Any) -> str:
        if type(cell) not in REMEMBERABLE:
            raise KeyError(cell)
        if cell in self.bad:
            return self._nulls
        text = self._text(cell)
        if cell not in self.bad:
            self[cell] = text
        return text

    def _fit(self, joined: str, count: int) -> bool:
        """Whether all cells have the column's pattern, and none holds a line end itself."""
        assert self._whole is not None
        return joined.count("\n") == count - 1 and self._whole.fullmatch(joined) is not None

    def _other(self, cell: Any) -> str:
        return self.default if cell is ABSENT else self._text(cell)

    def _text(self, cell: Any) -> str:
        if _is_empty(cell):
            if not self.is_required:
                return self.default
            return self._refuse(cell, [Fault(self.name, "missing", MISSING)])
        if type(cell) is str and self._partial and (known := self._partial(cell)) is not None:
            return known
        if misfit := misfit_of(cell, self.kind):
            params = dict(params_of(misfit, cell))
            return self._refuse(cell, [Fault(self.name, misfit.code, misfit.message, params)])
        try:
            return self._encode(self._check(self._plain(cell)))
        except UnreadableDay as error:
            words = error.words
            return self._refuse(cell, [Fault(self.name, words.code, words.message, error.params)])
        except ValidationError as error:
            found = faults_of([{**fault, "loc": (self.name,)} for fault in error.errors()])
            quotes = self._partial is None
            return self._refuse(cell, [explained(one, cell, quotes=quotes) for one in found])

    def _plain(self, cell: Any) -> Any:
        """The value that the schema checks: without a guard, codes as text, days as such.

        Raises:
            UnreadableDay: it is no whole, certain day.
        """
        if type(cell) is str:
            if cell[0] == "'" and self.is_guarded and _GUARDED.match(cell):
                cell = cell[1:]
            if self.is_text:
                return cell
            return day_of(cell) if self._is_day else visible_code(cell)
        if self._is_day:
            return day_of(cell)
        if type(cell) is int and (self.kind.is_coded or self.kind.is_whole_code(cell)):
            return str(cell)
        if type(cell) is float and abs(cell) >= _HUGE and math.isfinite(cell):
            return int(cell)  # so that its field says how much it takes
        return cell

    def _refuse(self, cell: Any, faults: list[Fault]) -> str:
        self.bad[_key(cell)] = faults
        return self._nulls


def _key(cell: Any) -> Any:
    """The key that a faulty cell is cached under; 1, 1.0 and true are three."""
    return cell if type(cell) in REMEMBERABLE else (type(cell), repr(cell))


def _is_empty(cell: Any) -> bool:
    return cell is None or (type(cell) is str and is_blank(cell))
