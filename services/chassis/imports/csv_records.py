"""Takes CSV lines apart into records; one that is broken costs its own line and no other.

A quote that is never closed would swallow the rest of a file. So a record that cannot be read is
its first line alone, and reading goes on with the next one: every line is accounted for.
"""

import csv
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class CsvRecord(NamedTuple):
    """One record.

    Attributes:
        at: index of its first line.
        lines: how many lines it takes.
        cells: None when it is broken.
    """

    at: int
    lines: int
    cells: list[str] | None


def csv_records(lines: Sequence[str], delimiter: str) -> Iterator[CsvRecord]:
    """The records of some lines (with their line ends), blank ones too, as `[]`."""
    at = 0
    while at < len(lines):
        feed = _Feed(lines, at)
        reader = csv.reader(feed, delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                yield CsvRecord(at, feed.next - at, cells)
                at = feed.next
        except csv.Error:
            yield CsvRecord(at, 1, None)
            at += 1


def is_open(text: str, delimiter: str) -> bool:
    """Whether what cannot be read as a record lacks nothing but the end of a quoted cell."""
    try:
        return len(list(csv.reader([text + '"'], delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


class _Feed:
    """Hands out lines and knows which one is next."""

    def __init__(self, lines: Sequence[str], first: int) -> None:
        self._lines, self.next = lines, first

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if self.next >= len(self._lines):
            raise StopIteration
        self.next += 1
        return self._lines[self.next - 1]
