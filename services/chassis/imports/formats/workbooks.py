"""Workbooks as lines of cells, with constant memory.

The sheet is unpacked a megabyte at a time. Line numbers are the row numbers that people see:
rows that the file leaves out, or that are only formatted, are empty lines.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from services.chassis.files.encrypted_files import EncryptedFile, Writer
from services.chassis.imports.declaration.file_problems import Bomb
from services.chassis.imports.formats.first_records import HEAD, first_records
from services.chassis.imports.formats.merged_cells import merged_rows
from services.chassis.imports.formats.sheets import OtherSheet, choose_sheet
from services.chassis.imports.headers.column_names import ColumnNames
from services.chassis.imports.xlsx.book import read_book
from services.chassis.imports.xlsx.elements import Elements
from services.chassis.imports.xlsx.package import MOST_SHRUNK, Package
from services.chassis.imports.xlsx.rows import MAX_ROW, Row, rows_of
from services.chassis.imports.xlsx.strings import SharedStrings
from services.chassis.imports.xlsx.styles import date_styles
from services.chassis.imports.xlsx.typed_cells import encoded
from services.chassis.imports.xlsx.values import Values

_BLANK = b"[]\n"


class Sheets(NamedTuple):
    """The sheets of a workbook, and what is known of the one that is read.

    Attributes:
        names: of all of them.
        read: the name of the one that is read.
        others: those that hold data, too.
        hidden: numbers of the rows with values that people do not see; the first ones.
        merged: numbers of rows below the header that are one merged cell.
    """

    names: list[str]
    read: str
    others: list[OtherSheet]
    hidden: list[int]
    merged: list[int]


def write_cells(
    source: EncryptedFile,
    target: EncryptedFile,
    sheet: str | None,
    most_bytes: int,
    names: ColumnNames,
    enough: int | None = None,
) -> Sheets:
    """Write the cells of a sheet down, a line a row (see `typed_cells`).

    Args:
        source: the workbook.
        target: where the lines go.
        sheet: its name; None for the first one with a header that can be seen.
        most_bytes: what the workbook may unpack to, and the lines may come to.
        names: by which the header is known, above which cells may be merged.
        enough: how many bytes of lines do; what comes after those is not looked at. None for all.

    Raises:
        AppError: it is no workbook, damaged, encrypted or a bomb, has no such sheet, or has
            merged cells among its data (see `file_problems`).
    """
    package = Package(source, most_bytes)
    book = read_book(package)
    styles = date_styles(package, book.styles)
    with _strings(package, book.strings, target) as strings:
        values = Values(strings, styles, from_1904=book.counts_from_1904)
        chosen, others = choose_sheet(package, book, values, names, sheet)
        document = Elements(package.chunks(chosen.part))
        if strings and enough is None:
            strings.keep_all()
        with target.writer() as writer:
            lines = _Lines(writer, values, most_bytes)
            for piece in document.within("sheetData", "row"):
                lines.write(rows_of(piece, lines.last_seen))
                if enough is not None and writer.size >= enough:
                    break
    header = _last_header_row(target, names)
    merged: list[int] = []
    if enough is None or target.size < enough:
        merged = merged_rows(document, target, header)
        document.finish()
    hidden = [number for number in lines.hidden if number > header]
    return Sheets([one.name for one in book.sheets], chosen.name, others, hidden, merged)


@contextmanager
def _strings(
    package: Package, part: str | None, target: EncryptedFile
) -> Iterator[SharedStrings | None]:
    """The texts that cells share, for as long as the sheet is read."""
    if part is None:
        yield None
        return
    encrypted_file = EncryptedFile(target.path.with_suffix(".strings"), target.key)
    strings = SharedStrings(encrypted_file, package.chunks(part))
    try:
        yield strings
    finally:
        strings.close()
        encrypted_file.delete()


class _Lines:
    """Writes rows as lines, and knows what it has seen.

    Attributes:
        last_seen: the number of the last row, filled or not.
        hidden: the numbers of filled rows that people do not see.
    """

    def __init__(self, writer: Writer, values: Values, most_bytes: int) -> None:
        self._writer, self._values, self._most_bytes = writer, values, most_bytes
        self._written = 0
        self.last_seen = 0
        self.hidden: list[int] = []

    def write(self, rows: Iterable[Row]) -> None:
        """Write rows down.

        Raises:
            Bomb: it has become too much.
        """
        lines: list[bytes] = []
        for row in rows:
            self.last_seen = row.number
            if values := self._values.row(row.cells, row.formulas):
                lines.append(_BLANK * (row.number - self._written - 1) + encoded(values))
                self._written = row.number
                if row.is_hidden:
                    self.hidden.append(row.number)
        if lines:
            self._writer.write(b"\n".join(lines) + b"\n")
        if self._writer.size > self._most_bytes:
            raise Bomb(limit=self._most_bytes, ratio=MOST_SHRUNK)


def _last_header_row(target: EncryptedFile, names: ColumnNames) -> int:
    """The last row of the header; of a sheet without one, which is reported elsewhere, the end."""
    rows = [record.cells for record in first_records(target.read(0, HEAD), "cells", "")]
    found = names.header_among(rows)
    return MAX_ROW if found is None or not names.known(found.columns) else found.last + 1
