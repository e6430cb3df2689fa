# ruff: noqa: DTZ001 -- cells know no time zones
import io
import re
import zipfile
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.core.errors import AppError
from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.files.file_keys import new_key
from services.chassis.imports.declaration import file_problems as problems
from services.chassis.imports.formats.workbooks import write_cells
from services.chassis.imports.headers.column_names import ColumnNames
from services.chassis.imports.xlsx.serials import moment_of
from services.chassis.imports.xlsx.styles import is_date_format
from services.chassis.imports.xlsx.typed_cells import DateFormatted, ErrorCell, FormulaCell, decoded
from services.schools.schools.importing import SCHOOL_IMPORT
from tests.support.workbooks import (
    BUILT_IN_CHINESE,
    CHINESE,
    DATE,
    ELAPSED,
    MAIN,
    MOMENT,
    NUMBER,
    STRICT,
    TIME,
    parts,
    sheet_of,
    zipped,
)

MOST = 1 << 26
# Of any table: what a sheet is read into does not depend on them.
NAMES = ColumnNames(SCHOOL_IMPORT, {})
Rows = list[list[Any]]


def spooled(folder: Path, content: bytes) -> EncryptedFile:
    """Content as an upload."""
    encrypted_file = EncryptedFile(folder / "a.upload", new_key())
    with encrypted_file.writer() as writer:
        writer.write(content)
    return encrypted_file


def cells(folder: Path, content: bytes, sheet: str | None = None, most: int = MOST) -> Rows:
    """What is read from a workbook."""
    source = spooled(folder, content)
    target = EncryptedFile(folder / "a.rows", source.key)
    write_cells(source, target, sheet, most, NAMES)
    assert {path.name for path in folder.iterdir()} == {"a.upload", "a.rows"}
    return [decoded(line) for line in target.read(0, 1 << 30).splitlines()]


def text(value: str) -> str:
    """A cell in line."""
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


# Rows of a sheet, and what they say.
SHEETS: dict[str, tuple[str, Rows]] = {
    "nothing": ("", []),
    "plain": (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>工号</t></is></c><c r="B1"><v>5</v></c></row>',
        [["工号", 5]],
    ),
    "not beginning at A1": (
        ('<row r="3"><c r="C3" t="inlineStr"><is><t>a</t></is></c></row><row r="5"><c r="D5"><v>1'
        "</v></c></row>"),
        [[], [], ["", "", "a"], [], ["", "", "", 1]],
    ),
    "without any place": (
        f"<row>{text('a')}<c/>{text('b')}</row><row/><row>{text('c')}</row>",
        [["a", "", "b"], [], ["c"]],
    ),
    "places of some cells": (
        f'<row>{text("a")}<c r="D1"><v>1</v></c>{text("e")}</row>',
        [["a", "", "", 1, "e"]],
    ),
    "rows with no number, cells with": (
        '<row><c r="B4"><v>1</v></c></row><row><c r="A5"><v>2</v></c></row>',
        [[], [], [], ["", 1], [2]],
    ),
    "cells in the wrong order": (
        '<row r="1"><c r="C1"><v>3</v></c><c r="A1"><v>1</v></c></row>',
        [[1, "", 3]],
    ),
    "formatted only": (
        ('<row r="1"><c r="A1"><v>1</v></c><c r="B1" s="1"/></row><row r="2" ht="20"/>'
        '<row r="3"><c r="A3" s="1"/><c r="B3" s="1"></c></row><row r="4"><c r="A4" t="s"><v/></c>'
        "</row>"),
        [[1]],
    ),
    "attributes in another order": (
        "<row spans='1:1' r='2'><c t='n' s='1' r='A2'><v>44197</v></c></row>",
        [[], [date(2021, 1, 1)]],
    ),
    "spread out": (
        '\n <row r="1">\n  <c r="A1" t="inlineStr">\n <is>\n <t> a </t>\n </is>\n </c>\n </row>\n',
        [[" a "]],
    ),
    "entities, sections and comments": (
        (f'<row r="1">{text("&lt;a&#10;&#x738B;&gt;")}<!-- <c/> -->{text("<![CDATA[<row r=]]>b")}'
        "</row>"),
        [["<a\n王>", "<row r=b"]],
    ),
    "escaped characters": (
        f'<row r="1">{text("a_x000D_b")}{text("_x005F_x000D_")}{text("_xD800_")}</row>',
        [["a\rb", "_x000D_", "_xD800_"]],
    ),
    "runs and readings": (
        ('<row r="1"><c r="A1" t="inlineStr"><is><r><rPr><color rgb="1"/></rPr><t>王</t></r><r><t '
        'xml:space="preserve"> 明</t></r><rPh sb="0" eb="1"><t>wang</t></rPh></is></c></row>'),
        [["王 明"]],
    ),
    "booleans": (
        '<row r="1"><c r="A1" t="b"><v>1</v></c><c r="B1" t="b"><v>0</v></c></row>',
        [[True, False]],
    ),
    "errors": (
        ('<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1" t="e"><v>#ODD</v></c>'
        '<c r="C1"><v>x</v></c><c r="D1"><v>1e999</v></c></row>'),
        [[ErrorCell(e) for e in ("#N/A", "#VALUE!", "#VALUE!", "#NUM!")]],
    ),
    "numbers": (
        ('<row r="1"><c r="A1"><v>211.0</v></c><c r="B1" t="n"><v>2.11E2</v></c>'
        '<c r="C1"><v>84.600000000000009</v></c><c r="D1"><v>-0.5</v></c>'
        '<c r="E1"><v>6.20123199001011E+17</v></c><c r="F1"><v>1e300</v></c></row>'),
        [[211, 211, 84.6, -0.5, 6.20123199001011e17, 1e300]],
    ),
    "dates": (
        (f'<row r="1"><c r="A1" s="{DATE}"><v>44197</v></c><c r="B1" s="{CHINESE}"><v>1</v></c>'
        f'<c r="C1" s="{BUILT_IN_CHINESE}"><v>61</v></c><c r="D1" s="{MOMENT}"><v>44197.5</v></c>'
        f'<c r="E1" s="{MOMENT}"><v>44197</v></c><c r="F1" s="{TIME}"><v>0.354166666666667</v></c>'
        f"</row>"),
        [
            [
                date(2021, 1, 1), date(1900, 1, 1), date(1900, 3, 1), datetime(2021, 1, 1, 12),
                date(2021, 1, 1), time(8, 30),
            ]
        ],
    ),
    "numbers that only look like dates": (
        (f'<row r="1"><c r="A1" s="{NUMBER}"><v>44197</v></c><c r="B1" s="{ELAPSED}"><v>1.5</v></c>'
        f'<c r="C1" s="{DATE}"><v>-1</v></c><c r="D1" s="{DATE}"><v>60</v></c>'
        f'<c r="E1" s="{DATE}"><v>9999999</v></c></row>'),
        [[44197, 1.5, *map(DateFormatted, ("-1", "60", "9999999"))]],
    ),
    "dates written out": (
        ('<row r="1"><c r="A1" t="d"><v>2021-01-02</v></c><c r="B1" t="d"><v>2021-01-02T08:00:00Z'
        '</v></c><c r="C1" t="d"><v>08:30:00</v></c><c r="D1" t="d"><v>2021-01-02T00:00:00</v></c>'
        '<c r="E1" t="d"><v>soon</v></c></row>'),
        [
            [
                date(2021, 1, 2), datetime(2021, 1, 2, 8), time(8, 30), date(2021, 1, 2),
                ErrorCell("#VALUE!"),
            ]
        ],
    ),
    "far out": (
        '<row r="1048576"><c r="A1048576"><v>1</v></c><c r="XFD1048576"><v>2</v></c></row>',
        [*([[]] * 1_048_575), [1, *[""] * 499, 2]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SHEETS)
def test_cells_have_their_types_and_rows_their_numbers(tmp_path: Path, case: str) -> None:
    rows, expected = SHEETS[case]
    assert cells(tmp_path, zipped(parts(rows))) == expected


def test_shared_texts_are_found_in_all_their_forms(tmp_path: Path) -> None:
    shared = (
        "<si><t>工号</t></si><si><t/></si><si/><si><t>a &amp; b</t></si><si><r><t>x</t></r><r>"
        '<rPr><sz val="1"/></rPr><t xml:space="preserve"> y</t></r><rPh sb="0" eb="1"><t>z</t>'
        "</rPh><phoneticPr/></si><si><t>_x000A_</t></si>"
    )
    shared += "".join(f"<si><t>t{n}</t></si>" for n in range(2000))
    numbers = [0, 1, 2, 3, 4, 5, 6, 2005, 600]
    row = "".join(f'<c t="s"><v>{n}</v></c>' for n in numbers)
    found = cells(tmp_path, zipped(parts(f"<row>{row}</row>", strings=shared)))
    assert found == [["工号", "", "", "a & b", "x y", "\n", "t0", "t1999", "t594"]]


def test_prefixes_strict_namespaces_and_odd_names_of_parts(tmp_path: Path) -> None:
    rows = f"<row>{text('a')}<c t='s'><v>0</v></c></row>"
    plain = parts(rows, strings="<si><t>b</t></si>", spaces=STRICT)
    assert cells(tmp_path, zipped(plain)) == [["a", "b"]]
    sheet = "xl/worksheets/sheet1.xml"
    prefixed = plain | {
        sheet: f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="2"><x:c r="B2"><x:v>1</x:v>'
        "</x:c></x:row></x:sheetData></x:worksheet>",
        "xl/sharedStrings.xml": f'<s:sst xmlns:s="{MAIN}"><s:si><s:t>b</s:t></s:si></s:sst>',
    }
    assert cells(tmp_path, zipped(prefixed)) == [[], ["", 1]]
    odd = {name.upper().replace("/", "\\"): part for name, part in plain.items()}
    odd["_RELS\\.RELS"] = plain["_rels/.rels"].replace("xl/workbook", "/XL/Workbook")
    assert cells(tmp_path, zipped(odd)) == [["a", "b"]]
    marked = plain | {sheet: "\ufeff" + plain[sheet]}
    assert cells(tmp_path, zipped(marked)) == [["a", "b"]]


def test_years_may_count_from_1904(tmp_path: Path) -> None:
    rows = f'<row><c s="{DATE}"><v>0</v></c><c s="{DATE}"><v>42735</v></c></row>'
    found = cells(tmp_path, zipped(parts(rows, properties='date1904="1"')))
    assert found == [[date(1904, 1, 1), date(2021, 1, 1)]]


def test_the_first_visible_sheet_is_read_or_the_named_one(tmp_path: Path) -> None:
    rows = f"<row>{text('教职工')}</row>"
    sheets = [("目录", "hidden"), ("说明", "veryHidden"), ("教职工", "visible")]
    content = zipped(parts(rows, sheets=sheets))
    assert cells(tmp_path, content) == [["教职工"]]
    assert cells(tmp_path, content, "教职工 ") == [["教职工"]]
    assert cells(tmp_path, content, "目录") == []
    with pytest.raises(problems.SheetUnknown) as raised:
        cells(tmp_path, content, "Sheet1")
    assert raised.value.params == {"sheet": "Sheet1", "sheets": "目录、说明、教职工"}
    assert cells(tmp_path, zipped(parts(rows, sheets=[("a", "hidden")]))) == [["教职工"]]


def test_charts_are_no_sheets(tmp_path: Path) -> None:
    made = parts(f"<row>{text('a')}</row>", sheets=[("图表", "visible"), ("数据", "visible")])
    relations = made["xl/_rels/workbook.xml.rels"]
    made["xl/_rels/workbook.xml.rels"] = relations.replace("/worksheet", "/chartsheet", 1)
    assert cells(tmp_path, zipped(made)) == [["a"]]
    made["xl/_rels/workbook.xml.rels"] = relations.replace('/worksheet"', '/chartsheet"')
    with pytest.raises(problems.FileEmpty):
        cells(tmp_path, zipped(made))


@pytest.mark.parametrize(
    "formula", ["<f>A1</f><v>1</v>", "<f/>", '<f t="shared" si="0"/><v>2</v>', "<f>A1</f>"]
)
def test_formulas_are_told_apart_from_values(tmp_path: Path, formula: str) -> None:
    plain = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 50_000))
    rows = f'{plain}<row r="50000"><c r="A50000"><v>1</v></c><c r="B50000">{formula}</c></row>'
    *others, last = cells(tmp_path, zipped(parts(rows)))
    assert len(others) == 49_999
    shown = int(found[1]) if (found := re.search(r"<v>(\d)</v>", formula)) else "="
    assert last == [1, FormulaCell(shown)]


def test_merged_cells_are_refused_below_the_header_only(tmp_path: Path) -> None:
    rows = sheet_of([["", ""], ["标题"], ["school_code", "name"], ["1", "2"]])
    above = '<mergeCells count="1"><mergeCell ref="A1:K2"/></mergeCells>'
    assert len(cells(tmp_path, zipped(parts(rows, after=above)))) == 4
    below = '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="A3:A4"/></mergeCells><x/>'
    with pytest.raises(problems.HasMergedCells) as raised:
        cells(tmp_path, zipped(parts(rows, after=below)))
    assert raised.value.params == {"cells": "A3:A4"}


GOOD = parts(f"<row>{text('a')}<c t='s'><v>0</v></c></row>", strings="<si><t>b</t></si>")
SHEET = "xl/worksheets/sheet1.xml"
_ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
BAD_PARTS: dict[str, dict[str, str | bytes | None]] = {
    "no sheet": {SHEET: None},
    "no xml": {SHEET: "hello"},
    "broken off": {SHEET: GOOD[SHEET][:-40]},
    "broken off in a row": {SHEET: GOOD[SHEET][:-60] + "</sheetData></worksheet>"},
    "not utf-8": {SHEET: GOOD[SHEET].encode().replace(b">a<", b">\xff<")},
    "utf-16": {SHEET: GOOD[SHEET].replace("UTF-8", "UTF-16").encode("utf-16")},
    "said to be gbk": {SHEET: GOOD[SHEET].replace("UTF-8", "GBK")},
    "entities in the sheet": {SHEET: _ENTITY + f'<worksheet xmlns="{MAIN}"/>'},
    "entities in the texts": {"xl/sharedStrings.xml": _ENTITY + "<sst><si><t>&b;</t></si></sst>"},
    "entities in the workbook": {"xl/workbook.xml": _ENTITY + "<workbook/>"},
    "an unknown entity": {SHEET: GOOD[SHEET].replace(">a<", ">&b;<")},
    "a text that is not there": {SHEET: GOOD[SHEET].replace("<v>0", "<v>1")},
    "a text before the first": {SHEET: GOOD[SHEET].replace("<v>0", "<v>-1")},
    "a text of no number": {SHEET: GOOD[SHEET].replace("<v>0", "<v>x")},
    "texts that are no xml": {"xl/sharedStrings.xml": "<sst><si><t>a</si></sst>"},
    "rows going back": {SHEET: GOOD[SHEET].replace("<row>", '<row r="2"/><row r="1">')},
    "row 0": {SHEET: GOOD[SHEET].replace("<row>", '<row r="0">')},
    "row -1": {SHEET: GOOD[SHEET].replace("<row>", '<row r="-1">')},
    "row 1048577": {SHEET: GOOD[SHEET].replace("<row>", '<row r="1048577">')},
    "an odd place": {SHEET: GOOD[SHEET].replace("<c t", '<c r="1A" t', 1)},
    "broken styles": {"xl/styles.xml": "<styleSheet><cellXfs>"},
    "broken relations": {"xl/_rels/workbook.xml.rels": "<Relationships"},
}


@pytest.mark.parametrize("case", BAD_PARTS)
def test_what_is_damaged_is_said_to_be(tmp_path: Path, case: str) -> None:
    made = {k: v for k, v in (GOOD | BAD_PARTS[case]).items() if v is not None}
    with pytest.raises(problems.WorkbookDamaged):
        cells(tmp_path, zipped(made))


@pytest.mark.parametrize("removed", ["_rels/.rels", "[Content_Types].xml"])
def test_a_zip_that_is_no_workbook(tmp_path: Path, removed: str) -> None:
    other = {name: part for name, part in GOOD.items() if name != removed}
    if removed == "_rels/.rels":
        with pytest.raises(problems.FormatUnknown):
            cells(tmp_path, zipped(other))
    else:
        assert cells(tmp_path, zipped(other)) == [["a", "b"]]
    document = GOOD | {"xl/workbook.xml": "<w:document xmlns:w='w'/>"}
    with pytest.raises(problems.FormatUnknown):
        cells(tmp_path, zipped(document))
    binary = GOOD["_rels/.rels"].replace("workbook.xml", "workbook.bin")
    with pytest.raises(problems.FormatUnknown):
        cells(tmp_path, zipped(GOOD | {"_rels/.rels": binary}))


@pytest.mark.parametrize("length", [10, 100, 700])
def test_a_zip_that_is_cut_off(tmp_path: Path, length: int) -> None:
    with pytest.raises(problems.WorkbookDamaged):
        cells(tmp_path, zipped(GOOD)[:length])


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=8))
def test_flipped_bytes_are_never_more_than_a_problem(
    tmp_path: Path, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(zipped(GOOD))
    for at, value in changes:
        content[at % len(content)] = value
    source = spooled(tmp_path, bytes(content))
    with suppress(AppError):
        write_cells(source, EncryptedFile(tmp_path / "a.rows", source.key), None, MOST, NAMES)


def test_a_locked_part(tmp_path: Path) -> None:
    content = bytearray(zipped(GOOD))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = archive.infolist()
    for info in infos:
        content[info.header_offset + 6] |= 1
    at = -1
    while (at := content.find(b"PK\x01\x02", at + 1)) >= 0:
        content[at + 8] |= 1
    with pytest.raises(problems.WorkbookEncrypted):
        cells(tmp_path, bytes(content))


def test_bombs_are_refused_as_they_unpack(tmp_path: Path) -> None:
    blank = " " * 20_000_000
    with pytest.raises(problems.Bomb):
        cells(
            tmp_path,
            zipped(GOOD | {SHEET: GOOD[SHEET].replace("<sheetData>", blank + "<sheetData>")}),
        )
    with pytest.raises(problems.Bomb):
        cells(
            tmp_path, zipped(GOOD | {"xl/sharedStrings.xml": f"<sst>{'<si/>' * 4_000_000}</sst>"})
        )
    with pytest.raises(problems.Bomb):
        cells(tmp_path, zipped(GOOD | {"xl/workbook.xml": blank}))
    with pytest.raises(problems.Bomb):
        cells(tmp_path, zipped(GOOD), most=200)


def test_one_text_in_very_many_cells_is_a_bomb(tmp_path: Path) -> None:
    made = parts("<row><c t='s'><v>0</v></c></row>" * 2000, strings=f"<si><t>{'a' * 9999}</t></si>")
    with pytest.raises(problems.Bomb):
        cells(tmp_path, zipped(made), most=1 << 20)


def test_a_directory_without_end_is_refused(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(60_000):
            archive.writestr(f"{number:0100}", "")
    with pytest.raises(problems.Bomb):
        cells(tmp_path, content.getvalue())


FORMATS = {
    "General": False, "0.00": False, "@": False, "G/通用格式": False, "#,##0;[Red]-#,##0": False,
    '0"days"': False, "0\\d": False, "_-* #,##0_-;_-* d": False, "[Red]0": False, "0.0E+00": False,
    "yyyy-mm-dd": True, 'yyyy"年"m"月"d"日";@': True, "[$-804]aaaa;@": True, "h:mm AM/PM": True,
    "上午/下午h时mm分": True, "mm:ss.0": True, "[h]:mm:ss": False, "[mm]:ss": False,
    "YYYY/M/D": True,
}  # fmt: skip


@pytest.mark.parametrize("code", FORMATS)
def test_formats_of_dates_are_told_from_others(code: str) -> None:
    assert is_date_format(code) is FORMATS[code]


@given(st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 31)))
def test_days_are_counted_as_spreadsheet_programs_do(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    days = (whole - datetime(1899, 12, 30)).total_seconds() / 86400
    serial = days if days >= 61 else days - 1
    expected = whole if whole.time() != time.min else whole.date()
    if serial >= 1:
        assert moment_of(serial, from_1904=False) == expected


_TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20
)
_NUMBERS = st.integers(-(2**53), 2**53) | st.decimals(
    -(10**6), 10**6, allow_nan=False, places=4
).map(float)
_DATES = st.dates(date(1900, 3, 1), date(9999, 12, 31))
_MOMENTS = st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)
_TIMES = st.times().map(lambda moment: moment.replace(microsecond=0)).filter(lambda t: t > time.min)


def is_no_year(day: date) -> bool:
    """Whether the number of a day in a sheet is no year: such a cell is refused."""
    return day.year != 1905


_CELLS = st.one_of(
    st.none(),
    _TEXTS,
    st.booleans(),
    _NUMBERS,
    _DATES.filter(is_no_year),
    _MOMENTS.filter(is_no_year),
    _TIMES,
)


def written(rows: Rows, *, shared: bool) -> bytes:
    """Rows as a workbook by another program."""
    content = io.BytesIO()
    options = {"constant_memory": not shared, "in_memory": True, "remove_timezone": True}
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet("教职工")
        formats = {
            date: book.add_format({"num_format": 'yyyy"年"m"月"d"日"'}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            time: book.add_format({"num_format": "hh:mm:ss"}),
        }
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif isinstance(cell, date | time):
                    sheet.write_datetime(number, column, cell, formats[type(cell)])
                elif isinstance(cell, bool):
                    sheet.write_boolean(number, column, cell)
                elif cell is not None:
                    sheet.write_number(number, column, cell)
    return content.getvalue()


def trimmed(rows: Rows) -> Rows:
    """Rows as they are read: whole numbers as such, no blank cells and rows at the end."""
    found = [["" if cell is None else cell for cell in row] for row in rows]
    for row in found:
        for column, cell in enumerate(row):
            if isinstance(cell, datetime) and cell.time() == time.min:
                row[column] = cell.date()
            elif isinstance(cell, float) and cell.is_integer():
                row[column] = int(cell)
        while row and row[-1] == "":
            row.pop()
    while found and not found[-1]:
        found.pop()
    return found


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(_CELLS, max_size=8), max_size=8), shared=st.booleans())
def test_what_another_program_writes_is_read_as_it_was(
    tmp_path: Path, rows: Rows, shared: bool
) -> None:
    assert kinds(cells(tmp_path, written(rows, shared=shared))) == kinds(trimmed(rows))


def kinds(rows: Rows) -> Any:
    """Rows with the types of their cells: 1 is not true."""
    return [[(type(cell), cell) for cell in row] for row in rows]


def test_the_pattern_and_the_parser_read_the_same(tmp_path: Path) -> None:
    table = [[f"T{n}", "王", n, date(2020, 1, 1), None, n % 2 == 0, 0.5] for n in range(500)]
    for shared in (True, False):
        content = written(table, shared=shared)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found: dict[str, bytes] = {name: archive.read(name) for name in archive.namelist()}
        expected = cells(tmp_path, zipped(found))
        assert kinds(expected) == kinds(trimmed(table))
        found[SHEET] = found[SHEET].replace(b"</sheetData>", b"<!-- x --></sheetData>")
        found[SHEET] = found[SHEET].replace(b"<sheetData>", b"<sheetData><!-- x -->")
        assert kinds(cells(tmp_path, zipped(found))) == kinds(expected)
