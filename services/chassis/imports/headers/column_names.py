"""Accepted names of columns, by which the header row of a table is found.

Titles may stand above a header. It is known by the columns that distinguish one row from
another; where none has those, by having most of the others, or of their synonyms. A header may
take two rows, with groups of columns above their names.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.headers.header_matching import plain

# Columns that failed-rows files add; a file that is sent back may keep them.
MARK = "_"
# Rows with something in them, of which one must be the header.
FIRST_ROWS = 20
_LONGEST = 100

# A column's field, or None for a column that is passed over.
ColumnMapping = Mapping[str, str | None]


class HeaderRows(NamedTuple):
    """The header of a table.

    Attributes:
        columns: its names; of a header in two rows the lower ones, or the upper where alone.
        first: index of its first row.
        last: index of its last row.
    """

    columns: list[str]
    first: int
    last: int


class ColumnNames:
    """The names of one resource's columns, and those that the caller has given others."""

    def __init__(self, spec: ImportSpec, mapping: ColumnMapping) -> None:
        self._spec, self._mapping = spec, mapping
        self._fields = {plain(header): field for header, field in spec.headers.items()}
        self._synonyms = {
            plain(word): field for field, hint in spec.hints.items() for word in hint.synonyms
        }
        self._known = {*self._fields, *self._synonyms, *map(plain, spec.read_only)}

    def field(self, column: str) -> str | None:
        """The field of a column; None when it is unknown or passed over."""
        if column in self._mapping:
            field = self._mapping[column]
            return field if field in self._spec.row.model_fields else None
        if column.startswith(MARK):
            return None
        return self._fields.get(plain(column))

    def known(self, cells: Iterable[str]) -> int:
        """How many of some cells are the name of a column, or a word that people use for one."""
        return sum(map(self._is_known, cells))

    def header_among(self, rows: Sequence[Sequence[str]]) -> HeaderRows | None:
        """The header among the first rows; None if all of them are empty."""
        filled = [index for index, cells in enumerate(rows) if any(cells)][:FIRST_ROWS]
        if not filled:
            return None
        keyed = (index for index in filled if self._has_key(rows[index]))
        at = next(keyed, None)
        if at is None:
            at = max(filled, key=lambda index: self.known(rows[index]))
        return self._with_neighbour(rows, at)

    def has_header(self, rows: Sequence[Sequence[str]]) -> bool:
        """Whether one of some rows has the key columns, or the words that people use for them."""
        found = self.header_among(rows)
        if found is None:
            return False
        fields = {self.field(cell) or self._synonyms.get(plain(cell)) for cell in found.columns}
        return {*self._spec.key} <= fields

    def _with_neighbour(self, rows: Sequence[Sequence[str]], at: int) -> HeaderRows:
        """The header in row `at`, with the row below or above it where both make up one."""
        header = rows[at]
        if at + 1 < len(rows) and self._continues(header, rows[at + 1]):
            return HeaderRows(self._joined(header, rows[at + 1]), at, at + 1)
        if at and self._fills_gaps(rows[at - 1], header):
            return HeaderRows(self._joined(rows[at - 1], header), at - 1, at)
        return HeaderRows([*header], at, at)

    def _continues(self, header: Sequence[str], below: Sequence[str]) -> bool:
        """Whether a row holds the lower names of a header rather than data.

        Nothing stands below the key, and most of what stands there is a name.
        """
        for cell, lower in zip(header, below, strict=False):
            if lower and self.field(cell) in self._spec.key:
                return False
        named = [*filter(None, below)]
        groups = dict(zip_longest(range(len(below)), _groups(header), fillvalue=""))
        known = sum(
            self._is_known(lower) or self._is_known(groups.get(index, "") + lower)
            for index, lower in enumerate(below)
            if lower
        )
        return bool(named) and 2 * known >= len(named) and self.known(header) > 0

    def _fills_gaps(self, above: Sequence[str], header: Sequence[str]) -> bool:
        """Whether a row has the names of columns for which the header below it has none."""
        gaps = [upper for upper, cell in zip_longest(above, header, fillvalue="") if not cell]
        return any(map(self._is_known, gaps))

    def _joined(self, upper: Sequence[str], lower: Sequence[str]) -> list[str]:
        """The names in two rows as one: the lower one, under its group where that is a name."""
        made = []
        for above, group, below in zip_longest(upper, _groups(upper), lower, fillvalue=""):
            if below:
                made.append(group + below if self._is_known(group + below) else below)
            else:
                made.append(above)
        return made

    def _has_key(self, row: Sequence[str]) -> bool:
        return {*self._spec.key} <= {self.field(cell) for cell in row if _is_short(cell)}

    def _is_known(self, cell: str) -> bool:
        if cell in self._mapping:
            return True
        return _is_short(cell) and plain(cell) in self._known


def _groups(header: Sequence[str]) -> list[str]:
    """For each column the name that stands above it, as merged cells have it only once."""
    groups: list[str] = []
    for cell in header:
        groups.append(cell or (groups[-1] if groups else ""))
    return groups


def _is_short(cell: str) -> bool:
    """Whether it is worth being compared: no name is as long as a text may be."""
    return 0 < len(cell) <= _LONGEST
