"""Failed rows as a workbook to correct: faulty cells are coloured and say what is wrong."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from typing import Any

from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.files.workbook import Noted, stream_rows
from services.chassis.imports.downloads.downloads import FAULT_COLUMNS, Marked, Rows

_NO_TABLE = Text(
    "NDJSON 没有列，不能做成工作簿；请按原格式下载",
    "NDJSON has no columns to make a workbook of: download the rows as they were sent",
)


def correction_workbook(
    rows: Rows, batches: AsyncIterator[list[Marked]]
) -> AsyncGenerator[bytes, None]:
    """Failed rows of a table as a workbook.

    Args:
        rows: of the import.
        batches: the failed ones, with their faults.

    Raises:
        Invalid: the upload is no table.
    """
    if rows.form == "ndjson":
        raise Invalid([Fault("/format", "import.no_table", _NO_TABLE)])
    cells = ([*_noted(rows, batch)] async for batch in batches)
    return stream_rows(rows.header(FAULT_COLUMNS), cells, rows.scratch)


def _noted(rows: Rows, batch: Sequence[Marked]) -> Iterator[list[Any]]:
    """The cells of rows, those with faults noted."""
    fields = [rows.layout.fields[index] for index, _ in rows.kept]
    places = {field: place for place, field in enumerate(fields) if field}
    for marked, cells in zip(batch, rows.cells(batch), strict=True):
        for place, note in _notes(marked, places).items():
            cells[place] = Noted(cells[place], note)
        yield cells


def _notes(marked: Marked, places: dict[str, int]) -> dict[int, str]:
    """The notes of a row by column; a field has all its faults in one."""
    notes: dict[int, str] = {}
    for one in marked.faults:
        if (place := places.get(one.field)) is not None:
            notes[place] = f"{notes[place]}\n{one.message}" if place in notes else one.message
    return notes
