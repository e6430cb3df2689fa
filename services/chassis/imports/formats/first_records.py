"""The first records of a table, which include its header."""

from collections.abc import Iterator
from typing import NamedTuple

from services.chassis.core.safe_text import cleaned
from services.chassis.core.visible_text import visible
from services.chassis.imports.formats.csv_records import csv_records
from services.chassis.imports.formats.splitting import LineTooLong, byte_lines
from services.chassis.imports.headers.column_names import FIRST_ROWS
from services.chassis.imports.headers.layout import Form
from services.chassis.imports.xlsx.typed_cells import decoded

HEAD = 1 << 18


class FirstRecord(NamedTuple):
    """A record that may be a header.

    Attributes:
        cells: as texts without blanks around them; none of a record that is broken.
        length: in bytes.
    """

    cells: list[str]
    length: int


def first_records(head: bytes, form: Form, delimiter: str) -> list[FirstRecord]:
    """The records at the beginning of a table, until enough of them have something in them.

    Args:
        head: the first `HEAD` bytes of it, or all there are.
        form: how they are written.
        delimiter: of CSV.

    Raises:
        LineTooLong: not even the first row of a workbook is whole.
    """
    found: list[FirstRecord] = []
    filled = end = 0
    at_end = len(head) < HEAD
    whole = head if at_end or form != "cells" else head[: head.rfind(b"\n") + 1]
    for record in _lines(whole) if form == "cells" else _records(whole, delimiter):
        end += record.length
        if filled and end == len(head) and not at_end:
            break  # perhaps only a part of it
        found.append(record)
        filled += any(record.cells)
        if filled == FIRST_ROWS:
            break
    if not filled and head[len(whole) :].strip(b"[]"):
        raise LineTooLong(row=len(found) + 1, limit=len(head) - len(whole))
    return found


def _lines(head: bytes) -> Iterator[FirstRecord]:
    for line in head.splitlines(keepends=True):
        yield FirstRecord(
            [visible(cleaned(str(cell))).strip() for cell in decoded(line)], len(line)
        )


def _records(head: bytes, delimiter: str) -> Iterator[FirstRecord]:
    lines = byte_lines(head)
    for record in csv_records(lines, delimiter):
        length = sum(map(len, lines[record.at : record.at + record.lines]))
        cells = [cell.encode("latin-1") for cell in record.cells or []]
        yield FirstRecord(
            [visible(cell.decode("utf-8", "replace")).strip() for cell in cells], length
        )
