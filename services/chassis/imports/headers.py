"""Finds the header of a table: its first row with something in it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from services.chassis.errors import Fault, Invalid
from services.chassis.imports.alike import plain
from services.chassis.imports.csv_records import csv_records
from services.chassis.imports.file_problems import FileEmpty
from services.chassis.imports.layout import ColumnMapping
from services.chassis.imports.readable import Readable
from services.chassis.imports.spec import ImportSpec
from services.chassis.imports.splitting import LineTooLong, byte_lines
from services.chassis.imports.typed_cells import decoded
from services.chassis.storable import cleaned
from services.chassis.text import Text

HEAD = 1 << 18
DELIMITERS = ",\t;|"
_LINE_ENDS = Text(
    "行结束符应为 LF 或 CRLF,请另存为普通 CSV", "Lines must end in LF or CRLF: save it as plain CSV"
)


class Header(NamedTuple):
    """The header of a table.

    Attributes:
        columns: as the file names them.
        delimiter: of CSV.
        row: its row.
        end: offset of what comes after it.
    """

    columns: list[str]
    delimiter: str
    row: int
    end: int

    @property
    def place(self) -> dict[str, Any]:
        """What a layout has to know of it."""
        return {"delimiter": self.delimiter, "offset": self.end, "first_row": self.row + 1}


def header_of(
    spec: ImportSpec, file: Readable, delimiter: str | None, mapping: ColumnMapping
) -> Header:
    """The header of a table.

    Raises:
        FileEmpty: no row has anything in it.
        Invalid: lines end in nothing that ends lines.
    """
    head = file.source.read(file.offset, HEAD)
    if file.form == "csv" and b"\r" in head and b"\n" not in head:
        raise Invalid([Fault("", "import.line_ends", _LINE_ENDS, {})])
    delimiter = delimiter or _delimiter_of(spec, head, mapping)
    end = file.offset
    for row, (columns, length) in enumerate(_first_records(head, file.form, delimiter), 1):
        end += length
        if any(columns):
            return Header(columns, delimiter, row, end)
    raise FileEmpty


def _first_records(head: bytes, form: str, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """The first records of a table, each with its length in bytes."""
    if form == "cells":
        for number, line in enumerate(head.splitlines(keepends=True), 1):
            if not line.endswith(b"\n"):
                raise LineTooLong(row=number, limit=len(line))
            yield [cleaned(str(cell)).strip() for cell in decoded(line)], len(line)
        return
    lines = byte_lines(head)
    for record in csv_records(lines, delimiter):
        length = sum(map(len, lines[record.at : record.at + record.lines]))
        cells = [cell.encode("latin-1") for cell in record.cells or []]
        yield [cell.decode("utf-8", "replace").strip() for cell in cells], length


def _delimiter_of(spec: ImportSpec, head: bytes, mapping: ColumnMapping) -> str:
    """The delimiter under which most of the header is known."""
    line = next((line for line in head.split(b"\n") if line.strip()), b"")
    known = {plain(name) for name in (*spec.headers, *spec.read_only, *mapping)}

    def score(delimiter: str) -> tuple[int, int]:
        cells = line.decode("utf-8", "replace").split(delimiter)
        return sum(plain(cell.strip('"\r ')) in known for cell in cells), len(cells)

    return max(DELIMITERS, key=score)
