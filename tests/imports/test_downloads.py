"""Failed and applied rows come in the format of the upload."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.imports.driving import cut_small, opened
from tests.schools.county import County, csv_of, ndjson_of, person, read_csv, read_workbook
from tests.support.importing import Job, counts, table
from tests.support.tokens import bearer
from tests.support.workbooks import parts, sheet_of, zipped

Rows = list[dict[str, Any]]
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def book_of(rows: Rows) -> bytes:
    """Rows as a workbook of texts."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as made:
        sheet = made.add_worksheet()
        for number, row in enumerate([[*rows[0]], *([*row.values()] for row in rows)]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return content.getvalue()


WRITERS: dict[str, Callable[[Rows], bytes]] = {
    "csv": csv_of,
    "ndjson": ndjson_of,
    "xlsx": book_of,
}
READERS: dict[str, Callable[[bytes], Rows]] = {
    "csv": lambda content: list(read_csv(content.decode("utf-8-sig"))),
    "ndjson": lambda content: [json.loads(line) for line in content.splitlines()],
    "xlsx": lambda content: [
        {k: v or "" for k, v in row.items()} for row in read_workbook(content)
    ],
}


async def download(county: County, job: Job, what: str, **kwargs: Any) -> Rows:
    """The rows of a download."""
    answer = await county.call("GET", f"/v1/imports/{job['id']}/{what}-rows", **kwargs)
    assert answer.status_code == 200, answer.text
    form = job["format"]
    assert answer.headers["content-type"] == MEDIA_TYPES[form]
    name = f"staff-{what}.{form}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    return READERS[form](answer.content)


@pytest.mark.parametrize("form", WRITERS)
async def test_every_row_is_in_one_of_the_two(
    county: County, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    await county.load("staff", csv_of([person(f"T{n}", county.one, n) for n in (0, 1)]))
    rows = [person(f"T{n}", county.one, n, duty="=1+1" if n == 5 else "") for n in range(40)]
    rows[1]["name"] = "改名"
    rows[7]["name"], rows[7]["employed_on"] = "", "2010-02-30"
    rows[30]["school_code"] = "2199999999"
    content = WRITERS[form](rows)
    cut_small(monkeypatch, csv_of(rows))
    job = await county.load("staff", content, f"a.{form}", mode="valid_rows")
    assert counts(job) == (36, 1, 1, 2)
    failed, applied = [await download(county, job, what) for what in ("failed", "applied")]
    first = 1 if form == "ndjson" else 2
    places = [int(row["_row"]) - first for row in (*failed, *applied)]
    assert sorted(places) == list(range(40))

    assert [(int(row["_row"]) - first, row["_field"], row["_code"]) for row in failed] == [
        (7, "name; employed_on", "missing; date_from_datetime_parsing"),
        (30, "school_code", "school.unknown"),
    ]
    for row in (*failed, *applied):
        asked = rows[int(row["_row"]) - first]
        stated = {name: cell for name, cell in row.items() if not name.startswith("_")}
        if form != "ndjson":  # what a spreadsheet would take for a formula is made harmless
            stated["duty"] = stated["duty"].removeprefix("'")
        assert stated == asked

    ids = {row["staff_no"]: row["id"] for row in await county.all("/v1/staff")}
    results = {"T0": "unchanged", "T1": "updated"}
    for row in applied:
        assert row["_id"] == ids[row["staff_no"]]
        assert row["_result"] == results.get(row["staff_no"], "created")

    english = await download(county, job, "failed", headers={"Accept-Language": "en"})
    assert "2199999999" in english[1]["_message"]
    assert english[1]["_message"] != failed[1]["_message"]


@pytest.mark.parametrize("form", WRITERS)
async def test_what_was_downloaded_can_be_sent_again(county: County, form: str) -> None:
    rows = [person(f"T{n}", county.one, n, duty="-") for n in range(4)]
    rows[2]["post_category"] = "astronaut"
    job = await county.load("staff", WRITERS[form](rows), f"a.{form}", mode="valid_rows")
    assert counts(job) == (3, 0, 0, 1)
    for what, expected in (("applied", (0, 0, 3, 0)), ("failed", (0, 0, 0, 1))):
        found = await download(county, job, what)
        texts = [{name: str(cell) for name, cell in row.items()} for row in found]
        again = await county.load("staff", WRITERS[form](texts), f"b.{form}", mode="valid_rows")
        assert counts(again) == expected


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_what_a_row_has_beyond_the_columns_is_kept(county: County, form: str) -> None:
    good = person("T1", county.one, 1, name="王", _note="记")
    cells = [*map(str, good.values())]
    shifted = [*cells[:1], "=李", *cells[1:], "=多余"]
    rows = [[*good], shifted, cells]
    job = await county.load("staff", table_of(rows, form), f"a.{form}", mode="valid_rows")
    for _ in range(2):  # the file of failed rows fails as the first one did
        assert job["faults"] == [(2, "", "import.column_count")]
        answer = await county.call("GET", f"/v1/imports/{job['id']}/failed-rows")
        header, *failed = rows_of(answer.content, form)
        header = [column for column in header if column]
        assert header == [*good, "_row", "_field", "_code", "_message"]
        (row,) = failed
        assert row[: len(good)] == ["T1", "'=李", *cells[1 : len(good) - 1]]
        assert row[len(good)] in ("2", 2)
        assert row[len(header) :] == ["记", "'=多余"]
        job = await county.load("staff", answer.content, f"b.{form}", mode="valid_rows")
    row[1 : len(header)], row[len(header) :] = [*row[2 : len(good)], "记", *[""] * 4], []
    again = table_of([header, [str(cell) for cell in row]], form)
    assert counts(await county.load("staff", again, f"c.{form}")) == (0, 0, 1, 0)


def table_of(rows: list[list[str]], form: str) -> bytes:
    """Rows of any length as CSV, or as a workbook of texts."""
    if form == "xlsx":
        return zipped(parts(sheet_of(rows)))
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def rows_of(content: bytes, form: str) -> list[list[Any]]:
    """The rows of a file."""
    if form == "csv":
        return table(content)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python()


@pytest.mark.parametrize("form", WRITERS)
async def test_failed_rows_of_a_mapped_file_are_sent_again_without_the_mapping(
    county: County, form: str
) -> None:
    theirs = {"staff_no": "职工编号", "name": "教师", "duty": "姓名"}
    rows = [
        {theirs.get(name, name): cell for name, cell in person(f"T{n}", county.one, n).items()}
        | {"姓名": "校长", "备注": f"第{n}行"}
        for n in range(3)
    ]
    good, rows[1]["post_category"] = rows[1]["post_category"], "astronaut"
    mapping = {header: name for name, header in theirs.items()} | {"备注": None}
    job = await county.load(
        "staff", WRITERS[form](rows), f"a.{form}", mode="valid_rows", column_mapping=mapping
    )
    assert counts(job) == (2, 0, 0, 1)
    (row,) = await download(county, job, "failed")
    named = ("工号", "姓名", "岗位职务") if form != "ndjson" else ("staff_no", "name", "duty")
    assert [row[name] for name in named] == ["T1", "员工T1", "校长"]
    assert row["_备注"] == "第1行"
    corrected = {name: str(cell) for name, cell in row.items()} | {"post_category": good}
    again = await county.load("staff", WRITERS[form]([corrected]), f"a.{form}")
    assert counts(again) == (1, 0, 0, 0)
    applied = await download(county, job, "applied")
    assert [one["职工编号"] for one in applied] == ["T0", "T2"], "as the upload names it"


async def test_there_are_no_rows_before_the_file_is_read(county: County) -> None:
    waiting = await opened(county)
    unreadable = await county.load("staff", "colour\n1\n")
    for job in (waiting, unreadable):
        for what in ("failed", "applied"):
            answer = await county.call("GET", f"/v1/imports/{job['id']}/{what}-rows")
            assert (answer.status_code, answer.json()["code"]) == (409, "import.not_inspected")


async def test_files_of_staff_are_for_who_sent_them_or_may_see_all(county: County) -> None:
    rows = csv_of([person("T1", county.one, 1)])
    job = await county.load("staff", rows, subject={"name": "one"})
    scopes = ["imports:write", "staff:write"]
    others = {
        "another": (bearer(bureau=county.bureau, name="two", scopes=scopes), 403),
        "the same": (bearer(bureau=county.bureau, name="one", scopes=scopes), 200),
        "who may": (bearer(bureau=county.bureau, name="three", scopes=[*scopes, "staff:pii"]), 200),
    }
    for what in ("applied-rows", "failed-rows", "faults"):
        path = f"/v1/imports/{job['id']}/{what}"
        for headers, status in others.values():
            assert (await county.client.get(path, headers=headers)).status_code == status


async def workbook_of(county: County, job: Job) -> bytes:
    """The failed rows as a workbook."""
    answer = await county.call("GET", f"/v1/imports/{job['id']}/failed-rows?format=xlsx")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPES["xlsx"]
    return answer.content


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_failed_rows_are_corrected_in_a_workbook(county: County, form: str) -> None:
    rows = [person(f"T{n}", county.one, n) for n in range(3)]
    rows[1] |= {"employed_on": "2010-02-30", "post_category": "教书"}
    rows[2] |= {"name": ""}
    job = await county.load("staff", WRITERS[form](rows), f"a.{form}", mode="valid_rows")
    assert counts(job) == (1, 0, 0, 2)
    content = await workbook_of(county, job)
    notes = notes_of(content)
    assert notes.keys() == {"D2", "E2", "B3"}, "the cells that are wrong, no others"
    assert "没有代码“教书”" in notes["D2"]
    failed = [{**row, "_message": ""} for row in read_workbook(content)]
    assert [row["staff_no"] for row in failed] == ["T1", "T2"]
    good = {"employed_on": "2010-02-28", "post_category": "专业技术岗位", "name": "王小明"}
    corrected = [{k: str(v or "") for k, v in (row | good).items()} for row in failed]
    again = await county.load("staff", book_of(corrected), "a.xlsx")
    assert counts(again) == (2, 0, 0, 0)


async def test_a_workbook_needs_columns(county: County) -> None:
    job = await county.load("staff", ndjson_of([{"staff_no": "T1"}]), "a.ndjson", mode="valid_rows")
    answer = await county.call("GET", f"/v1/imports/{job['id']}/failed-rows?format=xlsx")
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["errors"]] == ["import.no_table"]


def notes_of(content: bytes) -> dict[str, str]:
    """The comments of a workbook by cell."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = ElementTree.fromstring(archive.read("xl/comments1.xml"))
    return {
        one.attrib["ref"]: "".join(t.text or "" for t in one.iterfind(".//m:t", space))
        for one in found.iterfind(".//m:comment", space)
    }
