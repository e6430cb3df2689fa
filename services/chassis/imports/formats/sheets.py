"""Selection of the sheet to read, and a report on the others.

Workbooks have a sheet of instructions in front, one sheet a township, lists for drop-downs. The
first visible sheet whose header has the key columns is read, or else the first visible one; the
others are reported, so that none is forgotten.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from services.chassis.core.errors import AppError
from services.chassis.imports.headers.column_names import FIRST_ROWS, ColumnNames
from services.chassis.imports.xlsx.book import Book, Sheet
from services.chassis.imports.xlsx.elements import Elements
from services.chassis.imports.xlsx.package import Package
from services.chassis.imports.xlsx.rows import Row, rows_of
from services.chassis.imports.xlsx.typed_cells import decoded, encoded, is_filled
from services.chassis.imports.xlsx.values import Values

# More are not reported: a workbook of people has some dozens.
_MOST_SHEETS = 100
# In the names of sheets that templates have for examples.
EXAMPLE_MARKS = ("不导入", "not imported")


class OtherSheet(NamedTuple):
    """A sheet that holds data and is not read.

    Attributes:
        name: as people see it.
        is_hidden: whether they do not see it.
        has_header: whether it has the key columns, so that it could be imported, too.
    """

    name: str
    is_hidden: bool
    has_header: bool


class Choice(NamedTuple):
    """The sheet to read.

    Attributes:
        sheet: which.
        others: those that hold data.
    """

    sheet: Sheet
    others: list[OtherSheet]


def choose_sheet(
    package: Package, book: Book, values: Values, names: ColumnNames, wished: str | None
) -> Choice:
    """The sheet to read.

    Args:
        package: the workbook.
        book: what it consists of.
        values: how its cells are understood.
        names: by which a header is known.
        wished: the name that the caller gives.

    Raises:
        SheetUnknown: there is none of that name.
        FileEmpty: there is none at all.
    """
    chosen = book.sheet(wished)
    if len(book.sheets) == 1:
        return Choice(chosen, [])
    firsts = {
        sheet.part: _first_rows(package, values, sheet) for sheet in book.sheets[:_MOST_SHEETS]
    }
    has_header = {
        sheet.part: names.has_header(firsts.get(sheet.part, []))
        and not any(mark in sheet.name for mark in EXAMPLE_MARKS)
        for sheet in book.sheets
    }
    if wished is None:
        visible = [sheet for sheet in book.sheets if sheet.is_visible]
        chosen = next((sheet for sheet in visible if has_header[sheet.part]), chosen)
    others = [
        OtherSheet(sheet.name, not sheet.is_visible, has_header[sheet.part])
        for sheet in book.sheets
        if sheet.part != chosen.part and firsts.get(sheet.part)
    ]
    return Choice(chosen, others)


def _first_rows(package: Package, values: Values, sheet: Sheet) -> list[list[str]]:
    """The first rows with something in them; of a sheet that cannot be read none.

    Whether the chosen one can be read is found when it is read.
    """
    found: list[list[str]] = []
    with suppress(AppError):
        for row in _rows(package, sheet):
            cells = decoded(encoded(values.row(row.cells, row.formulas)))
            if any(map(is_filled, cells)):
                found.append([str(cell).strip() for cell in cells])
            if len(found) > FIRST_ROWS:
                break
    return found


def _rows(package: Package, sheet: Sheet) -> Iterator[Row]:
    number = 0
    for piece in Elements(package.chunks(sheet.part)).within("sheetData", "row"):
        for row in rows_of(piece, number):
            number = row.number
            yield row
