"""Exports as XLSX: written row by row into a temporary file, then streamed from it.

Codes, numbers with leading zeros and dates are text cells, as imports want them; text is never
taken for a formula. Writing runs in a thread, a batch at a time, so that others are served.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import xlsxwriter

from services.chassis.auth import Caller
from services.chassis.db import Database
from services.chassis.errors import AppError
from services.chassis.text import Text

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS = 1_048_575
_BATCH, _CHUNK = 500, 65_536
_MOMENTS = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm:ss", time: "hh:mm:ss"}
_PROPERTIES = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


class TooManyRows(AppError):
    """A worksheet cannot hold the selection."""

    status = 422
    code = "platform.export_too_large"
    title = Text("超出工作表行数", "Too many rows for a worksheet")
    detail = Text(
        "工作表最多 {limit} 行,请缩小范围,或使用 csv、ndjson。",
        "A worksheet holds {limit} rows: narrow the selection, or use csv or ndjson.",
    )


async def stream_workbook(
    database: Database, caller: Caller | None, query: str, args: list[Any], names: list[str]
) -> AsyncIterator[bytes]:
    """The rows of `query` as a workbook of one sheet, in the caller's row-security context.

    Raises:
        TooManyRows: before anything is sent.
    """
    async for chunk in stream_rows(names, _batches(database, caller, query, args)):
        yield chunk


async def _batches(
    database: Database, caller: Caller | None, query: str, args: list[Any]
) -> AsyncIterator[Sequence[Iterable[Any]]]:
    async with database.connection(caller) as connection:
        cursor = await connection.cursor(query, *args)
        while rows := await cursor.fetch(_BATCH):
            yield rows


async def stream_rows(
    header: Sequence[str], batches: AsyncIterator[Iterable[Iterable[Any]]]
) -> AsyncIterator[bytes]:
    """Rows as a workbook of one sheet.

    Raises:
        TooManyRows: before anything is sent.
    """
    handle, path = tempfile.mkstemp(suffix=".xlsx")
    os.close(handle)
    try:
        with xlsxwriter.Workbook(path, _PROPERTIES) as book:
            sheet = book.add_worksheet()
            formats = {kind: book.add_format({"num_format": f}) for kind, f in _MOMENTS.items()}
            _add(sheet, formats, 0, [header])
            count = 0
            async for batch in batches:
                rows = list(batch)
                if count + len(rows) > MAX_ROWS:
                    raise TooManyRows(limit=MAX_ROWS)
                await asyncio.to_thread(_add, sheet, formats, count + 1, rows)
                count += len(rows)
        with open(path, "rb") as file:  # noqa: ASYNC230 -- just written, so in the page cache
            while chunk := file.read(_CHUNK):
                yield chunk
    finally:
        os.unlink(path)


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
