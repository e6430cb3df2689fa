"""Takes CSV lines apart into records; one that is broken costs its own line and no other.

A quote that is never closed would swallow the rest of a file. So a record that cannot be read is
its first line alone, and reading goes on with the next one: every line is accounted for.
"""

import csv
from collections.abc import Iterator, Sequence
from typing import NamedTuple

# In characters, of what a quoted cell has on further lines: one that has more was never closed. A
# cell on one line may be as long as a line; what its field may hold says how long that is.
MOST_CONTINUED = 1 << 17
csv.field_size_limit(1 << 24)


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
                at = feed.first = feed.next
                feed.continued = 0
        except csv.Error:
            yield CsvRecord(at, 1, None)
            at += 1


def is_open(lines: Sequence[str], delimiter: str) -> bool:
    """Whether lines that cannot be read as a record lack nothing but the end of a quoted cell."""
    if sum(map(len, lines[1:])) > MOST_CONTINUED:
        return False
    try:
        text = "".join(lines) + '"'
        return len(list(csv.reader([text], delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


class _Feed:
    """Hands out lines; knows which one is next, and how much the record has beyond its first."""

    def __init__(self, lines: Sequence[str], first: int) -> None:
        self._lines, self.first, self.next = lines, first, first
        self.continued = 0

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if self.next >= len(self._lines):
            raise StopIteration
        line = self._lines[self.next]
        if self.next > self.first:
            self.continued += len(line)
            if self.continued > MOST_CONTINUED:
                raise csv.Error("never closed")
        self.next += 1
        return line
