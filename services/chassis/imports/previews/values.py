"""Cells and values of a previewed row."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import repeat
from typing import Any

import orjson
from pydantic_core import to_jsonable_python

from services.chassis.imports.checks.cells import ABSENT, Column
from services.chassis.imports.checks.reading import Cells
from services.chassis.imports.checks.rows import RowReader
from services.chassis.imports.previews.columns import SeenColumn
from services.chassis.imports.xlsx.typed_cells import as_shown


def values_of(reader: RowReader, cells: Cells, index: int) -> dict[str, Any]:
    """The values of a row by field; `reader` must have judged the cells before."""
    row = {name: column[index] for name, column in cells.columns.items()}
    return {
        name: _value(reader.columns[name], cell) for name, cell in row.items() if cell is not ABSENT
    }


def cells_of(row: Sequence[Any] | bytes, columns: Sequence[SeenColumn]) -> list[Any]:
    """A row as it stands in the file, with a cell for each column; null where it has none."""
    if isinstance(row, bytes):
        given = orjson.loads(row)
        return [given.get(column.header) for column in columns]
    filled = [*row, *repeat(None, len(columns))][: len(columns)]
    return [to_jsonable_python(as_shown(cell), fallback=str) for cell in filled]


def _value(column: Column, cell: Any) -> Any:
    """The value of a cell in JSON; a faulty one, or a masked number, as it stands."""
    value = as_shown(cell)
    if not column.faults(cell):
        try:
            value = column.value(cell)
        except ValueError:  # it only repeats a part of what is stored (see `Derived.partial`)
            value = as_shown(cell)
    return float(value) if isinstance(value, Decimal) else to_jsonable_python(value, fallback=str)
