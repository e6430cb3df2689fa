"""Workbooks are read as another reader, python-calamine, reads them."""

import io
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.files.file_keys import new_key
from services.chassis.imports.formats.workbooks import write_cells
from services.chassis.imports.headers.column_names import ColumnNames
from services.chassis.imports.xlsx.typed_cells import decoded
from services.schools.schools.importing import SCHOOL_IMPORT

Place = tuple[int, int]
Sheet = dict[Place, Any]
_MOST = 1 << 26
# Of any table: what a sheet is read into does not depend on them.
NAMES = ColumnNames(SCHOOL_IMPORT, {})
# Control characters cannot stand in XML; of line ends a line feed is what stays.
TEXTS = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n\t")
) | st.sampled_from([" 两边 ", "00123", "=1+1", "_x0041_", "#N/A", "2010-09-01", "<b>&amp;</b>"])
# Before March 1900 the readers disagree: spreadsheets take that year for a leap year.
DAYS = st.dates(date(1900, 3, 1), date(9999, 12, 31))
MOMENTS = st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
NUMBERS = st.one_of(st.integers(-(10**15), 10**15), st.floats(-1e15, 1e15, allow_subnormal=False))
CELLS = st.one_of(
    TEXTS, TEXTS.map(lambda text: text * 40), NUMBERS, DAYS, MOMENTS, st.booleans(), st.none()
)
PLACES = st.tuples(st.integers(0, 30), st.integers(0, 12))
SHEETS = st.lists(st.dictionaries(PLACES, CELLS, max_size=30), min_size=1, max_size=3)


def workbook(sheets: list[Sheet], *, are_strings_shared: bool) -> bytes:
    """A workbook; without shared strings they stand in line, in the order of the rows."""
    content = io.BytesIO()
    options = {
        "constant_memory": not are_strings_shared,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(content, options) as book:
        formats = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        for number, cells in enumerate(sheets):
            sheet = book.add_worksheet(f"第{number}页")
            for (row, column), cell in sorted(cells.items(), key=lambda item: item[0]):
                if isinstance(cell, bool):
                    sheet.write_boolean(row, column, cell)
                elif isinstance(cell, date):
                    sheet.write_datetime(row, column, cell, formats[type(cell)])
                elif isinstance(cell, int | float):
                    sheet.write_number(row, column, cell)
                elif isinstance(cell, str):
                    sheet.write_string(row, column, cell)
                else:
                    sheet.write_blank(row, column, None, formats[date])
    return content.getvalue()


def ours(content: bytes, sheet: str) -> Sheet:
    """What an import reads."""
    with TemporaryDirectory() as folder:
        upload = EncryptedFile(Path(folder) / "a.upload", new_key())
        with upload.writer() as writer:
            writer.write(content)
        rows = EncryptedFile(Path(folder) / "a.rows", new_key())
        write_cells(upload, rows, sheet, _MOST, NAMES)
        return filled([decoded(line) for line in rows.read(0, _MOST).splitlines()])


def theirs(content: bytes, sheet: str) -> Sheet:
    """What calamine reads."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return filled(book.get_sheet_by_name(sheet).to_python(skip_empty_area=False))


def filled(rows: list[list[Any]]) -> Sheet:
    """The cells with something in them, by place, each kind of value in one form."""
    places = chain.from_iterable(
        (((number, index), cell) for index, cell in enumerate(row))
        for number, row in enumerate(rows)
    )
    return {place: same(cell) for place, cell in places if cell != ""}


def same(cell: Any) -> Any:
    """A cell in a form that both readers have: of numbers they tell 1 from 1.0, and 0 from -0."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return (type(cell).__name__, cell)
    return ("number", format(float(cell) + 0.0, ".15g"))


@settings(max_examples=150)
@given(SHEETS, st.booleans())
def test_both_readers_see_the_same(sheets: list[Sheet], are_strings_shared: bool) -> None:
    content = workbook(sheets, are_strings_shared=are_strings_shared)
    for number in range(len(sheets)):
        name = f"第{number}页"
        assert ours(content, name) == theirs(content, name)
