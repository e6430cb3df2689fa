"""Rows that are passed over, each with its reason: nothing is left out in silence.

Only rows that are faulty as data are looked at, so good rows cost nothing, and no row that could
be stored is passed over.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from services.chassis.core.errors import Fault
from services.chassis.core.visible_text import visible
from services.chassis.imports.checks.cells import Column
from services.chassis.imports.checks.reading import Cells
from services.chassis.imports.headers.header_matching import plain
from services.chassis.imports.headers.layout import Layout
from services.chassis.imports.headers.notes import PassReason, may_begin, reason_of
from services.chassis.imports.xlsx.typed_cells import is_filled

Passed = dict[PassReason, list[int]]
# Known by their words alone; the others must have no key, too.
_BY_WORDS = (PassReason.TOTAL, PassReason.NOTE, PassReason.HEADER)


class PassingOver:
    """Decides for the faulty rows of one part which of them are no data.

    Args:
        columns: the readers of the fields.
        key: the fields by which a row is known.
        layout: of the file.
        cells: of the part.
    """

    def __init__(
        self, columns: Mapping[str, Column], key: Sequence[str], layout: Layout, cells: Cells
    ) -> None:
        self._columns, self._key, self._layout, self._cells = columns, key, layout, cells
        self._merged = frozenset(layout.merged)
        self._names = [*map(plain, layout.header)]

    def take_out(self, faults: dict[int, list[Fault]]) -> Passed:
        """Take rows that are no data out of the faulty ones; blank ones are not even reported.

        Args:
            faults: by index of the row; loses what is passed over, as `cells.broken` does.
        """
        passed: Passed = {}
        self.blank: set[int] = set()
        for number, row, forget in [*self._faulty(faults)]:
            if not any(map(is_filled, row)):
                self.blank.add(number)
            elif reason := self._reason(number, row):
                passed.setdefault(reason, []).append(number)
            else:
                continue
            forget()
        return {reason: sorted(numbers) for reason, numbers in passed.items()}

    def _faulty(
        self, faults: dict[int, list[Fault]]
    ) -> Iterator[tuple[int, Sequence[Any], Callable[[], Any]]]:
        cells = self._cells
        if cells.table:
            for index in faults:
                cells_of = [column[index] for column in cells.table]
                yield cells.numbers[index], cells_of, partial(faults.pop, index)
        for number, row in cells.broken_rows.items():
            yield number, row, partial(cells.broken.pop, number)

    def _reason(self, number: int, row: Sequence[Any]) -> PassReason | None:
        header, filled = self._layout.header, [i for i, cell in enumerate(row) if is_filled(cell)]
        if len(row) > len(header):
            return None
        is_merged, at = number in self._merged, filled[0]
        if len(filled) > 1 and not may_begin(str(row[at]), self._names[at]):  # as most faulty rows
            return PassReason.UNFILLED if self._is_unfilled(filled) else None
        texts = [_shown(cell) if is_filled(cell) else "" for cell in row]
        found = reason_of(texts, self._layout.header, is_merged=is_merged)
        if found in _BY_WORDS:
            # Case numbers may be any words, and a staff number may be `total`.
            is_word = self._layout.fields[at] in self._key and not texts[at].isascii()
            return found if is_word or not self._has_key(row) else None
        if found is PassReason.SECTION and (is_merged or self._is_no_value(row)):
            return found if not self._has_key(row) else None
        if found is PassReason.NUMBERING:
            return found
        return PassReason.UNFILLED if self._is_unfilled(filled) else None

    def _has_key(self, row: Sequence[Any]) -> bool:
        """Whether a row has a good value in every column of the key that the file has."""
        return all(
            index < len(row) and self._is_good(name, row[index])
            for index, name in enumerate(self._layout.fields)
            if name and name in self._key
        )

    def _is_no_value(self, row: Sequence[Any]) -> bool:
        """Whether the first cell is no valid value of its column."""
        name = self._layout.fields[0]
        return name is None or not self._is_good(name, row[0])

    def _is_good(self, name: str, cell: Any) -> bool:
        if not is_filled(cell):
            return False
        try:
            self._columns[name].value(cell)
        except ValueError:
            return False
        return True

    def _is_unfilled(self, filled: Sequence[int]) -> bool:
        """Whether there is nothing but a number of the row, or the like, beside the fields."""
        return all(
            self._layout.fields[index] is None and self._layout.header[index] for index in filled
        )


def _shown(cell: Any) -> str:
    """A cell as people read it."""
    return visible(str(cell)).strip()
