"""Workbooks as imports: what comes back is what was sent."""

import io
from datetime import date
from typing import Any

import httpx
import pytest
import xlsxwriter

from tests.schools.county import County, assignment, id_number, person, school
from tests.support.importing import counts
from tests.support.workbooks import DATE, MAIN, parts, zipped

HEADER = ["工号", "姓名", "身份证号", "学校标识码", "岗位类别", "入职日期", "岗位等级", "岗位职务"]


def book(rows: list[list[Any]]) -> bytes:
    """Rows as a workbook; dates as such."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as made:
        shown = made.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        sheet = made.add_worksheet("教职工")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, shown)
                elif isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                else:
                    sheet.write(number, column, cell)
    return content.getvalue()


def row(county: County, number: int, **changes: Any) -> list[Any]:
    """A row under `HEADER`."""
    cells = dict(
        zip(
            HEADER,
            [
                f"T{number}", f"员工{number}", id_number(number), county.one, "管理岗位",
                date(2010, 9, 1), 7, "",
            ],
            strict=True,
        )
    )  # fmt: skip
    return [*(cells | changes).values()]


async def failed_rows(county: County, job: dict[str, Any]) -> httpx.Response:
    """The failed rows of an import."""
    return await county.call("GET", f"/v1/imports/{job['id']}/failed-rows")


async def test_a_typed_sheet_is_imported(county: County) -> None:
    rows = [HEADER, *(row(county, number) for number in range(1, 40))]
    job = await county.load("staff", book(rows), "教职工.xlsx")
    assert (counts(job), job["format"], job["encoding"]) == ((39, 0, 0, 0), "xlsx", None)
    assert counts(await county.load("staff", book(rows), "")) == (0, 0, 39, 0)
    (found,) = (await county.ok("GET", "/v1/staff?staff_no=T7"))["data"]
    assert (found["employed_on"], found["post_level"]) == ("2010-09-01", 7)
    assert found["duty"] is None


async def test_rows_are_numbered_as_the_sheet_shows_them(county: County) -> None:
    rows: list[list[Any]] = [
        [], HEADER, [], row(county, 1), row(county, 2, 姓名=""), [], row(county, 3, 岗位等级=70),
    ]  # fmt: skip
    job = await county.load("staff", book(rows), "a.xlsx", mode="valid_rows")
    assert counts(job) == (1, 0, 0, 2)
    assert job["faults"] == [(5, "name", "missing"), (7, "post_level", "less_than_equal")]


async def test_cells_of_the_wrong_type_are_faults_not_guesses(county: County) -> None:
    rows = [
        HEADER,
        row(county, 1, 工号=1001),
        row(county, 2, 身份证号=620123199001010017),
        row(county, 3, 姓名=date(2020, 3, 1)),
        row(county, 4, 入职日期=40422),
        row(county, 5, 入职日期="9/1/2010"),
        row(county, 6, 岗位等级=date(2020, 3, 1)),
        row(county, 7, 岗位等级=True),
        row(county, 8, 岗位类别=date(2020, 3, 1)),
        row(county, 9, 岗位等级=7.5),
    ]
    job = await county.load("staff", book(rows), "a.xlsx")
    assert job["faults"] == [
        (2, "staff_no", "import.number_in_text_column"),
        (3, "id_number", "import.number_in_text_column"),
        (4, "name", "import.date_in_text_column"),
        (5, "employed_on", "date.number"),
        (6, "employed_on", "date.year_first"),
        (7, "post_level", "int_type"),
        (8, "post_level", "import.boolean_cell"),
        (9, "post_category", "code.unknown"),
        (10, "post_level", "int_from_float"),
    ]


def with_errors(county: County) -> bytes:
    """A workbook of two rows, of which one has errors for values."""
    header = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEADER)

    def cells(number: int, name: str, level: str) -> str:
        texts = [f"T{number}", "", id_number(number), county.one, "管理岗位"]
        made = [f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts]
        made[1] = name
        made += [f'<c s="{DATE}"><v>40422</v></c>', level]
        return f"<row>{''.join(made)}</row>"

    good = cells(1, '<c t="inlineStr"><is><t>王</t></is></c>', "<c><v>7</v></c>")
    bad = cells(2, '<c t="e"><v>#N/A</v></c>', '<c t="e"><v>#REF!</v></c>')
    return zipped(parts(f"<row>{header}</row>{good}{bad}"))


async def test_error_cells_are_faults_of_their_row(county: County) -> None:
    job = await county.load("staff", with_errors(county), "a.xlsx", mode="valid_rows")
    assert counts(job) == (1, 0, 0, 1)
    assert job["faults"] == [
        (3, "name", "import.error_cell"), (3, "post_level", "import.error_cell"),
    ]  # fmt: skip
    again = await county.load("staff", (await failed_rows(county, job)).content, "b.xlsx")
    assert [(field, code) for _, field, code in again["faults"]] == [
        ("name", "import.error_cell"), ("post_level", "import.error_cell"),
    ]  # fmt: skip


async def test_failed_rows_come_back_as_they_were_and_can_be_sent_again(county: County) -> None:
    rows = [
        HEADER,
        row(county, 1),
        row(county, 2, 岗位等级=70, 岗位职务="=1+1"),
        row(county, 3, 工号=1003),
        row(county, 4, 岗位职务=date(2020, 3, 1)),
    ]
    job = await county.load("staff", book(rows), "a.xlsx", mode="valid_rows")
    assert counts(job) == (1, 0, 0, 3)
    answer = await failed_rows(county, job)
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    same = await county.load("staff", answer.content, "b.xlsx", mode="valid_rows")
    assert counts(same) == (0, 0, 0, 3)
    assert [fault[1:] for fault in same["faults"]] == [fault[1:] for fault in job["faults"]]
    corrected = [HEADER, row(county, 2, 岗位职务="'=1+1"), row(county, 3), row(county, 4)]
    assert counts(await county.load("staff", book(corrected), "c.xlsx")) == (3, 0, 0, 0)
    (found,) = (await county.ok("GET", "/v1/staff?staff_no=T2"))["data"]
    assert found["duty"] == "=1+1"


async def test_exports_of_every_list_are_imported_unchanged(county: County) -> None:
    staff = [
        person("T1", county.one, 1, duty="=班主任", title="first", post_level=7),
        person("T2", county.two, 2, left_on="2020-01-01", status="left"),
    ]
    for one in staff:
        await county.ok("POST", "/v1/staff", json=one)
    where = {"address": "县城 1 号", "enrolment": 860, "opened_on": "1956-09-01"}
    await county.ok("POST", "/v1/schools", json=school(county.code(3), **where))
    work = assignment("T1", county.one, weekly_lessons=12, subject="语文")
    await county.ok("POST", "/v1/assignments", json=work)
    for resource, count in (("schools", 3), ("staff", 2), ("assignments", 1)):
        exported = await county.call("GET", f"/v1/{resource}?format=xlsx")
        job = await county.load(resource, exported.content, f"{resource}.xlsx")
        assert counts(job) == (0, 0, count, 0), resource


BAD_BOOKS: dict[str, tuple[bytes, str]] = {
    "only a header": (book([HEADER]), "import.empty"),
    "nothing": (book([]), "import.empty"),
    "cut off": (book([HEADER, ["T1"]])[:900], "import.workbook_damaged"),
    "some other zip": (zipped({"a.csv": "工号"}), "import.format_unknown"),
    "a password": (
        b"\xd0\xcf\x11\xe0" + b"x" * 600 + "EncryptedPackage".encode("utf-16-le") + b"x" * 600,
        "import.workbook_encrypted",
    ),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + b"x" * 600, "import.format_unknown"),
    "merged": (
        zipped(
            parts(
                f'<row><c t="inlineStr"><is><t>{HEADER[0]}</t></is></c></row><row/>',
                after='<mergeCells><mergeCell ref="A1:A2"/></mergeCells>',
            )
        ),
        "import.merged_cells",
    ),
    "a bomb": (
        zipped(parts("") | {"xl/worksheets/sheet1.xml": f'<a x="{MAIN}">' + " " * 10**8}),
        "import.zip_bomb",
    ),
    "a wide header": (book([[f"c{n}" for n in range(600)]]), "platform.invalid"),
}


@pytest.mark.parametrize("case", BAD_BOOKS)
async def test_a_bad_workbook_is_refused_as_a_whole(county: County, case: str) -> None:
    content, code = BAD_BOOKS[case]
    job = await county.load("staff", content, "a.xlsx")
    assert (job["state"], job["problem"]["code"]) == ("failed", code)
    assert job["problem"]["detail"]
    assert "{" not in job["problem"]["detail"]


@pytest.mark.parametrize(("number", "words"), [(1e23, "At most 100000"), (-1e300, "At least 0")])
async def test_a_number_that_is_far_too_large_is_told_its_limit(
    county: County, number: float, words: str
) -> None:
    given = school(county.code(9))
    rows = [[*given, "enrolment"], [*given.values(), number]]
    job = await county.load("schools", book(rows), "a.xlsx", mode="valid_rows")
    answer = await county.ok(
        "GET", f"/v1/imports/{job['id']}/faults", headers={"Accept-Language": "en"}
    )
    assert [(one["field"], one["message"]) for one in answer["data"]] == [("enrolment", words)]


async def test_another_sheet_can_be_named(county: County) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as made:
        made.add_worksheet("说明").write_string(0, 0, "先看这里")
        made.add_worksheet("数据").write_row(0, 0, HEADER)
        sheet = made.get_worksheet_by_name("数据")
        sheet.write_row(1, 0, row(county, 1, 入职日期="2010-09-01"))
    job = await county.load("staff", content.getvalue(), "a.xlsx", sheet="说明")
    assert job["problem"]["code"] == "platform.invalid"
    job = await county.load("staff", content.getvalue(), "a.xlsx", sheet="数据")
    assert counts(job) == (1, 0, 0, 0)
    job = await county.load("staff", content.getvalue(), "a.xlsx", sheet="Sheet1")
    assert job["problem"]["code"] == "import.sheet_unknown"
    assert "说明、数据" in job["problem"]["detail"]
