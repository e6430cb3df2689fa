"""Files are looked at before they are imported, and nothing is left of them."""

import gzip
import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import xlsxwriter

from services.chassis.core.settings import Settings
from services.schools.main import app
from tests.schools.county import County, csv_of, id_number, ndjson_of, person
from tests.support.tokens import bearer

Preview = dict[str, Any]
MIB = 1 << 20


async def look(
    county: County, content: bytes, name: str = "rows.csv", resource: str = "staff", **options: Any
) -> Preview:
    """A preview, which must come about."""
    fields = {"resource": resource} | options
    found: Preview = await county.ok(
        "POST", "/v1/imports:preview", files={"file": (name, content)}, data=fields
    )
    return found


def columns(preview: Preview) -> dict[str, tuple[str | None, str | None]]:
    """Field and first suggestion of each column."""
    return {
        one["header"]: (
            one["field"],
            one["suggestions"][0]["field"] if one["suggestions"] else None,
        )
        for one in preview["columns"]
    }


def faults(preview: Preview) -> list[tuple[int, str, str]]:
    """Row, field and code of every fault."""
    return [(one["row"], one["field"], one["code"]) for one in preview["faults"]]


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    """A workbook with these sheets."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return content.getvalue()


async def test_a_wrong_header_is_told_with_suggestions(county: County) -> None:
    text = (
        "职工编号,姓 名,身份证号码,人事关系,岗位类别,Employed On,备注,_row,id\n"
        f"T1,王小明,{id_number(1)},x,专业技术岗位,2010-09-01,,2,\n"
    )
    found = await look(county, text.encode("gb18030"))
    assert (found["format"], found["encoding"], found["delimiter"]) == ("csv", "gb18030", ",")
    assert (found["header_row"], found["rows_checked"], found["fault_count"]) == (1, 1, 4)
    assert columns(found) == {
        "职工编号": (None, "staff_no"),
        "姓 名": ("name", None),
        "身份证号码": (None, "id_number"),
        "人事关系": (None, None),
        "岗位类别": ("post_category", None),
        "Employed On": ("employed_on", None),
        "备注": (None, None),
        "_row": (None, None),
        "id": (None, None),
    }
    assert [one["header"] for one in found["columns"] if one["is_ignored"]] == ["_row", "id"]
    assert found["columns"][0]["suggestions"][0] == {
        "field": "staff_no", "title_zh": "工号", "title_en": "Staff no", "score": 1.0,
    }  # fmt: skip
    assert [one["field"] for one in found["missing"]] == ["staff_no", "school_code", "id_number"]
    values = {"name": "王小明", "post_category": "professional", "employed_on": "2010-09-01"}
    cells = ["T1", "王小明", id_number(1), "x", "专业技术岗位", "2010-09-01", "", "2", ""]
    assert found["rows"] == [{"row": 2, "cells": cells, "values": values}]
    assert {code for _, _, code in faults(found)} == {"import.unknown_column"}


async def test_a_mapping_settles_what_was_suggested(county: County) -> None:
    mapping = '{"职工编号": "staff_no", "备注": null}'
    found = await look(county, "职工编号,姓名,备注\nT1,王,x\n".encode(), column_mapping=mapping)
    assert columns(found)["职工编号"] == ("staff_no", None)
    assert found["columns"][2]["is_ignored"]
    assert found["faults"] == []
    assert found["rows"][0]["values"] == {"staff_no": "T1", "name": "王"}
    wrong = await county.call(
        "POST",
        "/v1/imports:preview",
        files={"file": ("a.csv", "职工编号\nT1\n".encode())},
        data={"resource": "staff", "column_mapping": '{"职工编号": "nothing"}'},
    )
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["code"] == "import.unknown_field"


async def test_what_else_is_wrong_with_a_header_is_a_fault(county: County) -> None:
    found = await look(county, "工号,Staff No,姓名\nT1,T2,王\n".encode())
    assert faults(found) == [(1, "Staff No", "import.repeated_column")]
    assert [one["field"] for one in found["columns"]] == ["staff_no", "staff_no", "name"]
    assert found["rows"][0]["cells"] == ["T1", "T2", "王"]


async def test_rows_are_judged_as_an_import_would(county: County) -> None:
    rows = [person(f"T{n}", county.one, n) for n in range(30)]
    rows[1]["id_number"] = rows[1]["id_number"][:-1] + "?"
    rows[2]["employed_on"] = "2010-02-30"
    rows[3] |= {"status": "left"}
    for row in rows:
        row |= {"status": row.get("status", ""), "left_on": ""}
    expected = [
        (3, "id_number", "id_number.form"),
        (4, "employed_on", "date_from_datetime_parsing"),
        (5, "left_on", "left_on.missing"),
    ]
    for content, name in ((csv_of(rows), "a.csv"), (ndjson_of(rows), "a.ndjson")):
        found = await look(county, content, name)
        by_row = {(row - (name == "a.ndjson"), field) for row, field, _ in expected}
        assert {(row, field) for row, field, _ in faults(found)} == by_row
        assert (found["rows_checked"], len(found["rows"])) == (30, 20)
        assert found["rows"][1]["values"]["id_number"] == rows[1]["id_number"]
        assert found["rows"][0]["values"]["status"] == "active"
    job = await county.load("staff", csv_of(rows))
    assert job["faults"] == faults(await look(county, csv_of(rows)))


async def test_messages_are_in_the_language_of_the_request(county: County) -> None:
    for language, word in (("zh-CN", "必填"), ("en", "Required")):
        found = await county.ok(
            "POST",
            "/v1/imports:preview",
            headers={"Accept-Language": language},
            files={"file": ("a.csv", b"staff_no,name\nT1,\n")},
            data={"resource": "staff"},
        )
        assert [one["message"] for one in found["faults"]] == [word]


async def test_unknown_keys_of_ndjson_are_told_once(county: County) -> None:
    lines = b'{"staff_no": "T1", "Naem": "a"}\n{"staff_no": "T2", "Naem": "b"}\nno json\n'
    found = await look(county, lines, "a.ndjson")
    assert columns(found) == {"staff_no": ("staff_no", None), "Naem": (None, "name")}
    assert faults(found) == [(1, "Naem", "extra_forbidden"), (3, "", "import.malformed_json")]
    assert [row["values"] for row in found["rows"]] == [{"staff_no": "T1"}, {"staff_no": "T2"}]
    assert [row["cells"] for row in found["rows"]] == [["T1", "a"], ["T2", "b"]]
    assert (found["header_row"], found["delimiter"]) == (None, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
async def test_the_first_megabyte_of_a_text_does(
    county: County, encoding: str, packed: bool
) -> None:
    rows = [person(f"T{n}", county.one, 7, name="张三") for n in range(40_000)]
    whole = csv_of(rows).decode().encode(encoding)
    assert len(whole) > 2 * MIB
    if packed:
        whole = gzip.compress(whole, 1)
    name = "a.csv.gz" if packed else "a.csv"
    sizes = (len(whole), len(whole) // 2 + 1) if packed else (len(whole), MIB, MIB - 1)
    for size in sizes:
        found = await look(county, whole[:size], name)
        assert found["faults"] == []
        assert found["rows_checked"] > 1000
        assert found["rows"][19]["values"]["staff_no"] == "T19"


async def test_workbooks_tell_their_sheets(county: County) -> None:
    rows: list[list[Any]] = [
        ["工号", "姓名", "入职日期"],
        ["T1", "王", "2010-09-01"],
        [2, "李", "x"],
    ]
    content = workbook(("说明", [["读我"]]), ("人员", rows))
    for packed, name in ((content, "a.xlsx"), (gzip.compress(content), "a.xlsx.gz")):
        found = await look(county, packed, name, sheet="人员")
        assert (found["sheets"], found["sheet"]) == (["说明", "人员"], "人员")
        assert (found["format"], found["encoding"], found["header_row"]) == ("xlsx", None, 1)
        assert faults(found) == [
            (3, "staff_no", "import.number_in_text_column"),
            (3, "employed_on", "date_from_datetime_parsing"),
        ]
        assert [row["row"] for row in found["rows"]] == [2, 3]
    assert (await look(county, content, "a.xlsx"))["sheet"] == "人员"


@pytest.mark.parametrize(
    ("content", "name", "options", "code"),
    [
        (b"", "a.csv", {}, "import.empty"),
        (b"PK\x03\x04" + bytes(100), "a.xlsx", {}, "import.workbook_damaged"),
        (b"\x1f\x8b" + bytes(100), "a.csv.gz", {}, "import.gzip_damaged"),
        (b"a,b\n", "a.xlsx", {}, "import.format_mismatch"),
        (b"a," * 600 + b"\n1\n", "a.csv", {}, "platform.invalid"),
        (b"staff_no\n1\n", "a.csv", {"resource": "results"}, "import.resource_unknown"),
        (b"staff_no\n1\n", "a.csv", {"encoding": "latin-1"}, "platform.invalid"),
        (b"staff_no\n1\n", "a.csv", {"operation": "upsert"}, "platform.invalid"),
        (b"staff_no\n1\n", "a.csv", {"within": '{"cycle_id": "x"}'}, "platform.invalid"),
        (b"staff_no\n1\n", "a.csv", {"within": "{"}, "import.form_invalid"),
    ],
)
async def test_what_cannot_be_looked_at_is_refused(
    county: County, content: bytes, name: str, options: dict[str, str], code: str
) -> None:
    answer = await county.call(
        "POST",
        "/v1/imports:preview",
        files={"file": (name, content)},
        data={"resource": "staff"} | options,
    )
    assert (answer.is_error, answer.json()["code"]) == (True, code)


async def test_a_header_alone_has_no_rows_yet(county: County) -> None:
    found = await look(county, b"staff_no,name\n")
    assert (found["rows"], found["rows_checked"], found["faults"]) == ([], 0, [])


async def test_nothing_is_stored(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    folder = Path(app.state.resources[Settings].data_dir)
    before = {path for path in folder.rglob("*") if path.is_file()}
    rows = csv_of([person("T1", county.one, 1)])
    key = uuid4().hex
    kept = "select count(*) from schools.idempotency"
    kept_before = await admin.fetchval(kept)
    for _ in range(2):
        answer = await county.call(
            "POST",
            "/v1/imports:preview",
            headers={"Idempotency-Key": key},
            files={"file": ("a.csv", rows)},
            data={"resource": "staff"},
        )
        assert answer.json()["rows_checked"] == 1
        assert answer.headers["Cache-Control"] == "no-store"
    assert await admin.fetchval(kept) == kept_before
    await look(county, workbook(("a", [["工号"], ["T1"]])), "a.xlsx")
    assert {path for path in folder.rglob("*") if path.is_file()} <= before | set(
        folder.rglob("making")
    )
    assert await county.all("/v1/staff") == []
    assert await county.all("/v1/imports") == []
    events = await county.ok(
        "GET",
        "/v1/audit-events",
        role="auditor",
        subject={"bureau": None},
        params={"bureau_code": county.bureau, "resource": "staff"},
    )
    assert [event["operation"] for event in events["data"]] == []


async def test_three_callers(county: County) -> None:
    async def status(headers: dict[str, str]) -> int:
        answer = await county.client.post(
            "/v1/imports:preview",
            headers=headers,
            files={"file": ("a.csv", b"staff_no\nT1\n")},
            data={"resource": "staff"},
        )
        return answer.status_code

    assert await status({}) == 401
    assert await status(bearer("staff", bureau=county.bureau)) == 403
    assert await status(bearer("bureau_admin", bureau=county.bureau)) == 200
