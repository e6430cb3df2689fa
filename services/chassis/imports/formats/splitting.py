"""Division of a file into parts of about a megabyte, at the ends of records.

A part is what is validated at once, merged in one transaction and remembered as done. Cutting
looks at line ends and quotes only; where a part has no quotes, every line is a record.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text
from services.chassis.imports.formats.csv_records import csv_records, is_open

PART_BYTES = 1 << 20
# A record that is longer is broken: its quote was never meant to be closed.
MAX_RECORD = 1 << 20

Read = Callable[[int, int], bytes]


class Part(NamedTuple):
    """A run of whole records.

    Attributes:
        number: from 0 on.
        offset: of its first byte.
        length: in bytes.
        first_row: the row of its first record, as a spreadsheet counts.
        records: how many, blank ones too.
    """

    number: int
    offset: int
    length: int
    first_row: int
    records: int

    @property
    def last_row(self) -> int:
        """The row of its last record."""
        return self.first_row + self.records - 1


class LineTooLong(AppError):
    """No row of a table is that long: the file is not what it says, or has no line ends."""

    status = 422
    code = "import.line_too_long"
    title = Text("行过长", "Line too long")
    detail = Text(
        "第 {row} 行超过 {limit} 字节；请检查文件格式与换行。",
        "Row {row} has more than {limit} bytes; check the format and the line ends.",
    )


def split(
    read: Read, offset: int, first_row: int, delimiter: str | None, size: int
) -> Iterator[Part]:
    """The parts of a file.

    Args:
        read: gives so many bytes from an offset on; fewer mean the end.
        offset: of the first record.
        first_row: its row.
        delimiter: of CSV; None where a line is always a record.
        size: how long a part may be, roughly.

    Raises:
        LineTooLong: a line is longer than a record may be.
    """
    number, wanted = 0, size
    while block := read(offset, wanted):
        at_end = len(block) < wanted
        if not at_end:
            block = block[: block.rfind(b"\n") + 1]
        length, records = _cut(block, delimiter, at_end=at_end)
        if length == 0:  # not a whole record yet
            if wanted >= 2 * MAX_RECORD:
                raise LineTooLong(row=first_row, limit=wanted)
            wanted *= 2
            continue
        yield Part(number, offset, length, first_row, records)
        number, offset, first_row, wanted = number + 1, offset + length, first_row + records, size


def _cut(block: bytes, delimiter: str | None, *, at_end: bool) -> tuple[int, int]:
    """How much of a block is whole records, in bytes and in number."""
    if delimiter is None or b'"' not in block:
        return len(block), block.count(b"\n") + (not block.endswith(b"\n")) * bool(block)
    lines = byte_lines(block)
    count = 0
    for record in csv_records(lines, delimiter):
        if record.cells is None and not at_end:
            rest = lines[record.at :]
            length = sum(map(len, rest))
            if length < MAX_RECORD and is_open(rest, delimiter):
                return len(block) - length, count
        count += 1
    return len(block), count


def byte_lines(block: bytes) -> list[str]:
    """Lines with their ends, a character for each byte.

    Line ends, quotes and delimiters are ASCII and part of no other character in UTF-8, so the
    records are those of the decoded text.
    """
    lines = block.decode("latin-1").split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])
