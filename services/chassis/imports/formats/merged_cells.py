"""Merged cells of a sheet: titles, sections and notes may be merged, data may not.

A merged cell among the data holds one value for several rows or columns, and whose it is would be
a guess. A row that consists of one merged cell is a section or a note; whether it is passed over
is decided with the other rows (`checks.passing_over`).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.imports.declaration.file_problems import HasMergedCells
from services.chassis.imports.xlsx.elements import Elements
from services.chassis.imports.xlsx.typed_cells import decoded, is_filled

_NAMED = 10
_AREA = re.compile(r'ref="([A-Z]+(\d+):[A-Z]+(\d+))"')
# Of more, a sheet is no list; their numbers are kept with the import.
_MOST_ROWS = 5_000
_ONE = 1


class _Area(NamedTuple):
    place: str
    first: int
    last: int


def merged_rows(document: Elements, target: EncryptedFile, header: int) -> list[int]:
    """The rows below the header that are one merged cell.

    Args:
        document: the sheet, read to the end of its data.
        target: its lines.
        header: the last row of the header.

    Raises:
        HasMergedCells: cells are merged in other rows; with the places of the first ones.
    """
    areas = [
        _Area(place, int(first), int(last))
        for piece in document.within("mergeCells", "mergeCell")
        for place, first, last in _AREA.findall(piece.text())
        if int(last) > header
    ]
    numbers = {
        number
        for one in areas[:_MOST_ROWS]
        for number in range(one.first, min(one.last, one.first + _MOST_ROWS) + 1)
    }
    filled = dict(_filled(target, numbers))
    wrong = [
        one.place
        for one in areas
        if one.first <= header
        or any(filled.get(number, 0) > _ONE for number in range(one.first, one.last + 1))
        or sum(filled.get(number, 0) for number in range(one.first, one.last + 1)) > _ONE
    ]
    if wrong or len(areas) > _MOST_ROWS:
        raise HasMergedCells(cells="、".join(wrong[:_NAMED] or [areas[0].place]))
    return sorted(number for number, count in filled.items() if count)


def _filled(target: EncryptedFile, numbers: set[int]) -> Iterator[tuple[int, int]]:
    """How many cells of some rows have something in them."""
    last = max(numbers, default=0)
    for number, line in enumerate(_lines(target), 1):
        if number > last:
            return
        if number in numbers:
            yield number, sum(map(is_filled, decoded(line)))


def _lines(target: EncryptedFile) -> Iterator[bytes]:
    rest = b""
    for block in target.blocks():
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
