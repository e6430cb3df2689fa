"""Rows of a sheet's XML, taken apart into cells that are not interpreted yet.

What spreadsheet programs write looks alike, and a pattern takes it apart several times faster
than an XML parser does; a piece where the pattern does not fit every cell goes to the parser.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from services.chassis.imports.declaration.file_problems import WorkbookDamaged
from services.chassis.imports.xlsx.elements import Element, Piece, local_name
from services.chassis.imports.xlsx.strings import text_of

MAX_ROW = 1_048_576
_ROW = re.compile(r'(?:\s[^<>]*?)?\sr="(\d{1,7})"[^<>]*>')
_CELL = re.compile(
    r'<c r="([A-Z]{1,3})\d+"(?: s="(\d+)")?(?: t="(\w+)")?'
    r"(?:/>|>(?:<v>([^<]*)</v>|<is><t(?: xml:space=\"preserve\")?>([^<]*)</t></is>|)</c>)"
)
# Entities, comments, marked sections, and line ends that a parser would make one.
_NOT_PLAIN = ("&", "<!", "\r")
_HIDDEN = re.compile(r'\shidden="(?:1|true|on)"')
_NO_FORMULAS: frozenset[int] = frozenset()
YES = ("1", "true", "on")
# Stands for the value of a formula that no program has calculated yet.
NOT_CALCULATED = "="
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")

# Column letters (none: the column after the last cell's), style, type, value, text in line.
Cell = tuple[str, str, str, str, str]


class Row(NamedTuple):
    """A row.

    Attributes:
        number: as people see it.
        cells: those that the file has, in order.
        formulas: the indices of cells that are formulas.
        is_hidden: whether people do not see it, or only after removing a filter.
    """

    number: int
    cells: list[Cell]
    formulas: frozenset[int]
    is_hidden: bool


def rows_of(piece: Piece, number: int) -> Iterator[Row]:
    """The rows of a piece that follows row `number`.

    Raises:
        WorkbookDamaged: a row has no place, or is not behind the one before.
    """
    plain = _plain_rows(piece)
    for row in plain if plain is not None else _parsed_rows(piece, number):
        if not number < row.number <= MAX_ROW:
            raise WorkbookDamaged
        number = row.number
        yield row


def _plain_rows(piece: Piece) -> list[Row] | None:
    """The rows of a piece that looks as usual; None of any other."""
    text = piece.text()
    if piece.prefix or any(sign in text for sign in _NOT_PLAIN):
        return None
    rows: list[Row] = []
    count, has_hidden = 0, "hidden=" in text
    for row in text.split("<row")[1:]:
        start = _ROW.match(row)
        if start is None:
            return None
        cells: list[Cell] = _CELL.findall(row, start.end())
        count += len(cells)
        is_hidden = has_hidden and _HIDDEN.search(start[0]) is not None
        rows.append(Row(int(start[1]), cells, _NO_FORMULAS, is_hidden))
    # Counts colours and the like, too: then it is not as usual either.
    return rows if count == text.count("<c") else None


def _parsed_rows(piece: Piece, number: int) -> Iterator[Row]:
    for row in piece.elements():
        found = [cell for cell in row if local_name(cell) == "c"]
        places = [_place(cell) for cell in found]
        formulas = frozenset(i for i, cell in enumerate(found) if cell.find("{*}f") is not None)
        said = _number(row, places)
        number = number + 1 if said is None else said
        cells = [_cell(cell, letters) for cell, (letters, _) in zip(found, places, strict=True)]
        yield Row(number, cells, formulas, row.get("hidden") in YES)


def _place(cell: Element) -> tuple[str, str]:
    place = cell.get("r")
    if place is None:
        return "", ""
    found = _PLACE.fullmatch(place)
    if found is None:
        raise WorkbookDamaged
    return found[1], found[2]


def _number(row: Element, places: list[tuple[str, str]]) -> int | None:
    """The number that a row, or else its first cell, says it has."""
    said = row.get("r") or next((digits for _, digits in places if digits), "")
    if said and not re.fullmatch(r"\d{1,7}", said):
        raise WorkbookDamaged
    return int(said) if said else None


def _cell(cell: Element, letters: str) -> Cell:
    text, content = cell.find("{*}is"), cell.findtext("{*}v")
    if cell.find("{*}f") is not None and content is None:
        content = NOT_CALCULATED
    return (
        letters,
        cell.get("s", ""),
        cell.get("t", "") if content != NOT_CALCULATED else "str",
        content or "",
        text_of(text) if text is not None else "",
    )
