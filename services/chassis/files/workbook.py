"""Rows as XLSX: written row by row into a temporary folder, then streamed from it.

Codes, numbers with leading zeros and dates are text cells, as imports want them; text is never
taken for a formula. Columns are as wide as their first rows need, the header stays in sight and
filters the rows; printed, the sheet is one page wide. Writing runs in a thread, a batch at a time,
so that others are served.
"""

import unicodedata
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from datetime import date, datetime, time
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import xl_range

from services.chassis.core.errors import AppError
from services.chassis.core.temp_dirs import scratch_folder
from services.chassis.core.text import Text
from services.chassis.core.threads import in_thread

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS = 1_048_575
_CHUNK = 1 << 17
_MOMENTS = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm:ss", time: "hh:mm:ss"}
_PROPERTIES = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
# Has Chinese characters on Windows and macOS; elsewhere programs take one that has.
FONT = {"font_name": "Microsoft YaHei", "font_size": 11}
HEADER_STYLE = {**FONT, "bold": True, "border": 1, "align": "center", "valign": "vcenter"}
_COLOURED = {"bg_color": "#FFC7CE", "font_color": "#9C0006"}
# All comments of a workbook are kept in memory until it is written.
_MOST_NOTES = 10_000
_NOTE_COLUMNS, _NOTE_PIXELS, _LINE_PIXELS = 40, 320, 20
_A4 = 9
_HEADER_HEIGHT = 24
# Widths of columns in characters, and the rows that are looked at for them.
_NARROWEST, _WIDEST, _LOOKED_AT = 8, 40, 200


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
    batches: AsyncGenerator[Iterable[Sequence[Any]], None],
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
        table = _Table(book, header)
        async with aclosing(batches):
            async for batch in batches:
                rows = list(batch)
                if table.count + len(rows) > MAX_ROWS:
                    raise TooManyRows(limit=MAX_ROWS)
                await in_thread(table.add, rows)
        table.finish()
        await in_thread(_close, book)
        with path.open("rb") as file:  # just written, so in the page cache
            while chunk := file.read(_CHUNK):
                yield chunk


def _close(book: Any) -> None:
    try:
        book.close()
    except FileCreateError as error:  # says nothing but what kept it from being written
        raise error.args[0] from error


def width_of(text: str) -> int:
    """The width of a text in characters: those of Chinese take two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


class Noted(NamedTuple):
    """A cell that is coloured and has a comment.

    Attributes:
        value: what stands in it.
        note: the comment; of very many cells only the first have theirs.
    """

    value: Any
    note: str


class _Table:
    """The sheet of a workbook.

    Attributes:
        count: the rows so far.
    """

    def __init__(self, book: Any, header: Sequence[str]) -> None:
        self.count = 0
        self._sheet = book.add_worksheet()
        self._moments = {kind: book.add_format({"num_format": f}) for kind, f in _MOMENTS.items()}
        self._widths = [width_of(title) + 4 for title in header]  # with the button of the filter
        self._notes = 0
        self._coloured = book.add_format(_COLOURED)
        self._coloured_moments = {
            kind: book.add_format({**_COLOURED, "num_format": f}) for kind, f in _MOMENTS.items()
        }
        style = book.add_format({**HEADER_STYLE, "bg_color": "#D9E2EC"})
        self._sheet.set_row(0, _HEADER_HEIGHT)
        for column, title in enumerate(header):
            self._sheet.write_string(0, column, title, style)

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write some rows."""
        sheet, moments = self._sheet, self._moments
        for number, row in enumerate(rows, self.count + 1):
            if number <= _LOOKED_AT:
                self._look_at(row)
            for column, value in enumerate(row):
                if value is None:
                    continue
                if type(value) is Noted:
                    self._write_noted(number, column, value)
                elif isinstance(value, bool):
                    sheet.write_boolean(number, column, value)
                elif isinstance(value, int | float | Decimal):
                    sheet.write_number(number, column, value)
                elif type(value) in moments:
                    sheet.write_datetime(number, column, value, moments[type(value)])
                else:
                    sheet.write_string(number, column, str(value))
            self.count = number

    def _write_noted(self, number: int, column: int, cell: Noted) -> None:
        value, style = cell.value, self._coloured
        if value is None or value == "":
            self._sheet.write_blank(number, column, None, style)
        elif type(value) in _MOMENTS:
            shown = self._coloured_moments[type(value)]
            self._sheet.write_datetime(number, column, value, shown)
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            self._sheet.write_number(number, column, value, style)
        else:
            self._sheet.write_string(number, column, str(value), style)
        if self._notes < _MOST_NOTES:
            self._notes += 1
            lines = sum(1 + width_of(line) // _NOTE_COLUMNS for line in cell.note.split("\n"))
            size = {"width": _NOTE_PIXELS, "height": (lines + 1) * _LINE_PIXELS}
            words = {**FONT, **size, "font_size": 9, "author": "均衡"}
            self._sheet.write_comment(number, column, cell.note, words)

    def _look_at(self, row: Sequence[Any]) -> None:
        shown = (value.value if type(value) is Noted else value for value in row)
        widths = (0 if value is None else width_of(str(value)) + 2 for value in shown)
        self._widths = [max(pair) for pair in zip_longest(self._widths, widths, fillvalue=0)]

    def finish(self) -> None:
        """Set what concerns the whole sheet."""
        sheet, last = self._sheet, len(self._widths) - 1
        for column, width in enumerate(self._widths):
            sheet.set_column(column, column, min(max(width, _NARROWEST), _WIDEST))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, self.count, last)
        # Digits of a text are no mistake.
        sheet.ignore_errors({"number_stored_as_text": xl_range(0, 0, self.count, last)})
        sheet.set_paper(_A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer("&P / &N")
