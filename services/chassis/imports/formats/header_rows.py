"""Detection of the header and delimiter of a table."""

import re
from typing import Any, NamedTuple

from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.imports.declaration.file_problems import FileEmpty
from services.chassis.imports.formats.first_records import HEAD, first_records
from services.chassis.imports.formats.readable import Readable
from services.chassis.imports.headers.column_names import FIRST_ROWS, ColumnNames
from services.chassis.imports.headers.layout import MAX_COLUMNS

DELIMITERS = ",\t;|"
_SEPARATOR = re.compile(rb"\s*\"?sep=([,\t;|])\"?[,;]*\r?\n", re.IGNORECASE)
_LINE_ENDS = Text(
    "行结束符应为 LF 或 CRLF，请另存为普通 CSV",
    "Lines must end in LF or CRLF: save it as plain CSV",
)


class Header(NamedTuple):
    """The header of a table.

    Attributes:
        columns: as the file names them.
        delimiter: of CSV.
        row: its row.
        last_row: its last row; the same one but for a header in two rows.
        end: offset of what comes after it.
    """

    columns: list[str]
    delimiter: str
    row: int
    last_row: int
    end: int

    @property
    def place(self) -> dict[str, Any]:
        """The values of a layout that depend on it."""
        return {"delimiter": self.delimiter, "offset": self.end, "first_row": self.last_row + 1}


def header_of(names: ColumnNames, file: Readable, delimiter: str | None) -> Header:
    """The header of a table.

    Raises:
        FileEmpty: no row has anything in it.
        Invalid: lines end in nothing that ends lines.
    """
    head = file.source.read(file.offset, HEAD)
    if file.form == "csv" and b"\r" in head and b"\n" not in head:
        raise Invalid([Fault("", "import.line_ends", _LINE_ENDS, {})])
    delimiter = delimiter or _declared(head) or _delimiter_of(names, head)
    records = first_records(head, file.form, delimiter)
    found = names.header_among([record.cells for record in records])
    if found is None:
        raise FileEmpty
    end = file.offset + sum(record.length for record in records[: found.last + 1])
    return Header(found.columns, delimiter, found.first + 1, found.last + 1, end)


def _declared(head: bytes) -> str | None:
    """The delimiter that a first line such as `sep=;` declares to spreadsheet programs."""
    found = _SEPARATOR.match(head)
    return found[1].decode() if found else None


def _delimiter_of(names: ColumnNames, head: bytes) -> str:
    """The delimiter under which most of the header is known."""
    lines = [line.decode("utf-8", "replace") for line in head.split(b"\n") if line.strip()]

    def score(delimiter: str) -> tuple[int, int]:
        rows = [_roughly(line, delimiter) for line in lines[:FIRST_ROWS]]
        return max(((names.known(row), len(row)) for row in rows), default=(0, 0))

    return max(DELIMITERS, key=score)


def _roughly(line: str, delimiter: str) -> list[str]:
    """The cells of a line that is no more than a header."""
    return [cell.strip('"\r ') for cell in line.split(delimiter)[:MAX_COLUMNS]]
