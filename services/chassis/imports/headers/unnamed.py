"""Columns without a name: they may stand in a table as long as they have no data."""

from collections.abc import Sequence
from typing import Any

from services.chassis.core.errors import Fault
from services.chassis.core.safe_text import LONGEST
from services.chassis.core.text import Text
from services.chassis.imports.headers.column_names import ColumnMapping

_NO_HEADER = Text(
    "第 {column} 列（{letter} 列）没有表头，却有数据“{value}”：请补上表头；"
    "不需要的，请删除该列，或忽略未知的列",
    "Column {column} ({letter}) has the data “{value}” but no header. Add a header; if the column "
    "is not needed, delete it or ignore unknown columns",
)


def unnamed_columns(header: Sequence[str], mapping: ColumnMapping) -> list[int]:
    """The columns without a name, which may stand there as long as they have no data."""
    return [index for index, column in enumerate(header) if not column and column not in mapping]


def column_without_header(index: int, cell: Any, row: int | None = None) -> Fault:
    """The fault of data in a column without a name.

    Args:
        index: of the column.
        cell: the data.
        row: where it stands, if that does not stand beside the fault.
    """
    params = {"column": index + 1, "letter": _letters(index), "value": str(cell)[:LONGEST]}
    pointer = "" if row is None else f"/rows/{row}/{params['letter']}"
    more = {} if row is None else {"row": row}
    return Fault(pointer, "import.column_without_header", _NO_HEADER, params | more)


def _letters(index: int) -> str:
    """A column as spreadsheet programs call it."""
    first, last = divmod(index, 26)
    return (_letters(first - 1) if first else "") + chr(ord("A") + last)
