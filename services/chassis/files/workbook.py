"""Rows as XLSX: written row by row into a temporary folder, then streamed from it.

Codes, numbers with leading zeros and dates are text cells, as imports want them; text is never
taken for a formula. Writing runs in a thread, a batch at a time, so that others are served.
"""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from services.chassis.core.errors import AppError
from services.chassis.core.temp_dirs import scratch_folder
from services.chassis.core.text import Text
from services.chassis.core.threads import in_thread

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS = 1_048_575
_CHUNK = 1 << 17
_MOMENTS = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm:ss", time: "hh:mm:ss"}
_PROPERTIES = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


class TooManyRows(AppError):
    """A worksheet cannot hold the selection."""

    status = 422
    code = "platform.export_too_large"
    title = Text("超出工作表行数", "Too many rows for a worksheet")
    detail = Text(
        "工作表最多 {limit} 行，请缩小范围，或使用 csv、ndjson。",
        "A worksheet holds {limit} rows: narrow the selection, or use csv or ndjson.",
    )


async def stream_rows(
    header: Sequence[str],
    batches: AsyncGenerator[Iterable[Iterable[Any]], None],
    scratch: Path,
) -> AsyncGenerator[bytes, None]:
    """Rows as a workbook of one sheet.

    Args:
        header: the names of the columns.
        batches: the rows.
        scratch: where it is written.

    Raises:
        TooManyRows: before anything is sent.
        OSError: it cannot be written; before anything is sent, too.
    """
    with scratch_folder(scratch) as folder:
        path = folder / "rows.xlsx"
        book = xlsxwriter.Workbook(path, {**_PROPERTIES, "tmpdir": str(folder)})
        sheet = book.add_worksheet()
        formats = {kind: book.add_format({"num_format": f}) for kind, f in _MOMENTS.items()}
        _add(sheet, formats, 0, [header])
        count = 0
        async with aclosing(batches):
            async for batch in batches:
                rows = list(batch)
                if count + len(rows) > MAX_ROWS:
                    raise TooManyRows(limit=MAX_ROWS)
                await in_thread(_add, sheet, formats, count + 1, rows)
                count += len(rows)
        await in_thread(_close, book)
        with path.open("rb") as file:  # just written, so in the page cache
            while chunk := file.read(_CHUNK):
                yield chunk


def _close(book: Any) -> None:
    try:
        book.close()
    except FileCreateError as error:  # says nothing but what kept it from being written
        raise error.args[0] from error


def _add(
    sheet: Any, formats: Mapping[type, Any], first: int, rows: Iterable[Iterable[Any]]
) -> None:
    for number, row in enumerate(rows, first):
        for column, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, bool):
                sheet.write_boolean(number, column, value)
            elif isinstance(value, int | float | Decimal):
                sheet.write_number(number, column, value)
            elif type(value) in formats:
                sheet.write_datetime(number, column, value, formats[type(value)])
            else:
                sheet.write_string(number, column, str(value))
