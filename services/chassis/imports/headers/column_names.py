"""Accepted names of columns, by which the header row of a table is found.

Titles may stand above a header. It is known by the columns that distinguish one row from
another; where none has those, by having most of the others.
"""

from collections.abc import Iterable, Mapping, Sequence

from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.headers.header_matching import plain

# Columns that failed-rows files add; a file that is sent back may keep them.
MARK = "_"
# Rows with something in them, of which one must be the header.
FIRST_ROWS = 20
_LONGEST = 100

# A column's field, or None for a column that is passed over.
ColumnMapping = Mapping[str, str | None]


class ColumnNames:
    """The names of one resource's columns, and those that the caller has given others."""

    def __init__(self, spec: ImportSpec, mapping: ColumnMapping) -> None:
        self._spec, self._mapping = spec, mapping
        self._fields = {plain(header): field for header, field in spec.headers.items()}
        self._known = {*self._fields, *map(plain, spec.read_only)}

    def field(self, column: str) -> str | None:
        """The field of a column; None when it is unknown or passed over."""
        if column in self._mapping:
            field = self._mapping[column]
            return field if field in self._spec.row.model_fields else None
        if column.startswith(MARK):
            return None
        return self._fields.get(plain(column))

    def known(self, cells: Iterable[str]) -> int:
        """How many of some cells are the name of a column."""
        return sum(map(self._is_known, cells))

    def header_among(self, rows: Sequence[Sequence[str]]) -> int | None:
        """Which of the first rows is the header; None when nothing stands in any."""
        filled = [index for index, cells in enumerate(rows) if any(cells)][:FIRST_ROWS]
        if not filled:
            return None
        for index in filled:
            if {*self._spec.key} <= {self.field(cell) for cell in rows[index] if _is_short(cell)}:
                return index
        return max(filled, key=lambda index: self.known(rows[index]))

    def _is_known(self, cell: str) -> bool:
        if cell in self._mapping:
            return True
        return _is_short(cell) and plain(cell) in self._known


def _is_short(cell: str) -> bool:
    """Whether it is worth being compared: no name is as long as a text may be."""
    return 0 < len(cell) <= _LONGEST
