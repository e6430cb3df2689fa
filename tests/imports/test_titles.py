"""Titles may stand above the header: it is found by the columns that a table must have."""

from typing import Any

import pytest

from tests.imports.test_downloads import download
from tests.schools.county import County, person
from tests.support.importing import counts
from tests.support.workbooks import parts, sheet_of, zipped

TITLES = ("工号", "姓名", "学校标识码", "岗位类别", "入职日期", "身份证号")
ABOVE = [
    ["示例县中小学教职工名册"],
    [],
    ["填报单位", "示例县教育局", "填报日期", "2025-09-01"],
    ["姓名", "请填写真实姓名"],
]
MERGED = '<mergeCells><mergeCell ref="A1:F2"/><mergeCell ref="B4:F4"/>{}</mergeCells>'
Table = list[list[str]]


def table(county: County, *, above: Table, header: tuple[str, ...] = TITLES) -> Table:
    """A header under titles, and two people of whom the second is in no category."""
    people = [person("T1", county.one, 1), person("T2", county.one, 2, post_category="x")]
    return [*above, [*header], *([str(cell) for cell in row.values()] for row in people)]


def csv_of(rows: Table) -> bytes:
    """A table as CSV."""
    return "\n".join(",".join(row) for row in rows).encode()


def book_of(rows: Table, merged: str = "") -> bytes:
    """A table as a workbook with merged titles."""
    return zipped(parts(sheet_of(rows), after=MERGED.format(merged)))


FORMS: dict[str, Any] = {"csv": csv_of, "xlsx": book_of}


@pytest.mark.parametrize("above", [ABOVE, [*ABOVE, *[["说明"]] * 16]], ids=["few", "many"])
@pytest.mark.parametrize("form", FORMS)
async def test_titles_are_passed_over(county: County, form: str, above: Table) -> None:
    file = FORMS[form](table(county, above=above))
    job = await county.load("staff", file, f"a.{form}", mode="valid_rows")
    assert (job["problem"], counts(job)) == (None, (1, 0, 0, 1))
    header = len(above) + 1
    assert job["faults"] == [(header + 2, "post_category", "code.unknown")]
    (failed,) = await download(county, job, "failed")
    assert {*TITLES} < {*failed}
    assert (failed["工号"], int(failed["_row"])) == ("T2", header + 2)
    seen = await county.ok(
        "POST",
        "/v1/imports:preview",
        files={"file": (f"a.{form}", file)},
        data={"resource": "staff"},
    )
    assert (seen["header_row"], seen["missing"]) == (header, [])
    assert [(fault["row"], fault["code"]) for fault in seen["faults"]] == [
        (header + 2, "code.unknown")
    ]


async def test_merged_cells_below_the_header_are_refused(county: County) -> None:
    last = len(ABOVE) + 3
    file = book_of(table(county, above=ABOVE), f'<mergeCell ref="D6:D{last}"/>')
    job = await county.load("staff", file, "a.xlsx")
    assert job["problem"]["code"] == "import.merged_cells"
    assert f"D6:D{last}" in job["problem"]["detail"]
    assert "A1" not in job["problem"]["detail"]


@pytest.mark.parametrize("form", FORMS)
async def test_the_caller_may_name_the_columns(county: County, form: str) -> None:
    header = ("职工编号", *TITLES[1:])
    file = FORMS[form](table(county, above=ABOVE, header=header))
    mapping = {"职工编号": "staff_no"}
    job = await county.load("staff", file, f"a.{form}", mode="valid_rows", column_mapping=mapping)
    assert counts(job) == (1, 0, 0, 1)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("above", "header", "row", "column"),
    [
        (ABOVE, ("职工编号", *TITLES[1:]), 5, "职工编号"),  # the row that is most like a header
        ([], ("a", "b", "c", "d", "e", "f"), 1, "a"),  # or else the first one
        ([["说明"]] * 20, TITLES, 1, "说明"),  # so far down nobody looks
    ],
)
async def test_a_header_that_is_not_complete_is_named(
    county: County, form: str, above: Table, header: tuple[str, ...], row: int, column: str
) -> None:
    file = FORMS[form](table(county, above=above, header=header))
    job = await county.load("staff", file, f"a.{form}")
    fault = job["problem"]["errors"][0]
    assert (fault["code"], fault["params"]["row"]) == ("import.unknown_column", row)
    assert fault["params"]["column"] == column
