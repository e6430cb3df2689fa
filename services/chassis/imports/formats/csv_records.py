"""CSV lines as records; a broken line affects no other line.

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
    count = len(lines)
    at = following = 0  # the first line of a record, and the first one that is not read yet

    def feed() -> Iterator[str]:
        nonlocal following
        continued = 0
        while following < count:
            line = lines[following]
            continued = continued + len(line) if following > at else 0
            if continued > MOST_CONTINUED:
                raise csv.Error("never closed")
            following += 1
            yield line

    while at < count:
        try:
            for cells in csv.reader(feed(), delimiter=delimiter, strict=True):
                yield CsvRecord(at, following - at, cells)
                at = following
        except csv.Error:
            yield CsvRecord(at, 1, None)
            at = following = at + 1


def is_open(lines: Sequence[str], delimiter: str) -> bool:
    """Whether lines that cannot be read as a record lack nothing but the end of a quoted cell."""
    if sum(map(len, lines[1:])) > MOST_CONTINUED:
        return False
    try:
        text = "".join(lines) + '"'
        return len(list(csv.reader([text], delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False
