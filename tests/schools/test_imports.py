import asyncio
from typing import Any

import asyncpg
import pytest

from tests.schools.county import (
    County,
    csv_of,
    id_number,
    ndjson_of,
    person,
    read_csv,
    school,
)
from tests.support.importing import counts

HEADER = "staff_no,name,id_number,school_code,post_category,employed_on"


def line(staff_no: str, school_code: str, serial: int, name: str = "王小明") -> str:
    """One row under `HEADER`."""
    return f"{staff_no},{name},{id_number(serial)},{school_code},professional,2010-09-01"


async def stored(county: County) -> list[dict[str, Any]]:
    """The bureau's staff."""
    return await county.all("/v1/staff")


@pytest.mark.quick("services.chassis.imports")
async def test_counts_say_what_became_of_every_row(county: County) -> None:
    rows = [person(f"T{n}", county.one, n) for n in range(10)]
    assert counts(await county.load("staff", csv_of(rows))) == (10, 0, 0, 0)
    before = {row["staff_no"]: row for row in await stored(county)}
    rows[3]["name"], rows[4]["id_number"] = "改名", id_number(99)
    rows.append(person("T10", county.two, 10))
    assert counts(await county.load("staff", ndjson_of(rows), "rows.ndjson")) == (1, 2, 8, 0)
    after = {row["staff_no"]: row for row in await stored(county)}
    changed = {no for no, row in before.items() if after[no] != row}
    assert changed == {"T3", "T4"}
    assert after["T3"]["version"] == 2
    assert after["T3"]["created_at"] == before["T3"]["created_at"]
    assert after["T3"]["updated_at"] > before["T3"]["updated_at"]


async def test_an_empty_cell_clears_a_field_and_an_absent_column_does_not(county: County) -> None:
    first = person("T1", county.one, 1, duty="校长", title="first")
    await county.load("staff", csv_of([first]))
    assert counts(await county.load("staff", csv_of([person("T1", county.one, 1)]))) == (0, 0, 1, 0)
    (row,) = await stored(county)
    assert (row["duty"], row["title"]) == ("校长", "first")
    cleared = person("T1", county.one, 1, duty="", title="")
    assert counts(await county.load("staff", csv_of([cleared]))) == (0, 1, 0, 0)
    (row,) = await stored(county)
    assert (row["duty"], row["title"]) == (None, None)


async def test_chinese_headers_labels_bom_crlf_blank_lines_and_quotes(
    county: County,
) -> None:
    text = (
        "\ufeff工号, 姓名 ,身份证号,学校标识码,岗位类别,入职日期,职称,岗位职务\r\n"
        "\r\n"
        f'T1,"\r\n王小明",{id_number(1)},{county.one},专业技术岗位,2010-09-01,一级教师,"说""好"""\r\n'
        ",,,,,,,\r\n"
        f"T2, 李四 ,{id_number(2).lower()},{county.two},管理岗位,2011-09-01,,\r\n\r\n"
    )
    assert counts(await county.load("staff", text)) == (2, 0, 0, 0)
    first, second = await stored(county)
    assert (first["name"], first["duty"], first["title"]) == ("王小明", '说"好"', "first")
    assert (second["name"], second["post_category"], second["title"]) == (
        "李四", "management", None,
    )  # fmt: skip
    again = await county.load("staff", text.replace("\r\n", "\n"))
    assert again["progress"]["rows"] == 2


# Faults of rows: the others would have been good, and nothing is stored.
BAD_ROWS: dict[str, tuple[str, list[tuple[int, str, str]]]] = {
    "an unclosed quote": (f'{HEADER}\n"T1,王', [(2, "", "import.malformed_csv")]),
    "text after a quote": (f'{HEADER}\n"T1"x,王\n@1', [(2, "", "import.malformed_csv")]),
    "too few cells": (f"{HEADER}\n@1\nT2,王", [(3, "", "import.column_count")]),
    "too many cells": (f"{HEADER}\n@1,more", [(2, "", "import.column_count")]),
    "19 digits": (
        f"{HEADER}\n@1\nT2,王,6201231990010100011,#1,worker,2010-09-01",
        [(3, "id_number", "id_number.length")],
    ),
    "a wrong check digit": (
        f"{HEADER}\nT2,王,110105194912310021,#1,worker,2010-09-01\n@1",
        [(2, "id_number", "id_number.checksum")],
    ),
    "an impossible birth date": (
        f"{HEADER}\nT2,王,620123199002300019,#1,worker,2010-09-01",
        [(2, "id_number", "id_number.birth_date")],
    ),
    "an unknown school": (
        f"{HEADER}\n@1\nT2,王,{id_number(2)},2100000000,worker,2010-09-01",
        [(3, "school_code", "school.unknown")],
    ),
    "a staff number twice": (
        f"{HEADER}\n@1\n\nT1,李,{id_number(2)},#1,worker,2010-09-01",
        [(4, "staff_no", "import.duplicate_in_file")],
    ),
    "an ID number twice": (
        f"{HEADER}\n@1\nT2,李,{id_number(1)},#1,worker,2010-09-01",
        [(3, "id_number", "id_number.duplicate_in_file")],
    ),
    "an ID number that is taken": (
        f"{HEADER}\n@1\nT2,李,{id_number(1000)},#1,worker,2010-09-01",
        [(3, "id_number", "id_number.taken")],
    ),
    "a masked ID number of nobody": (
        f"{HEADER}\n@1\nT2,李,620123***********1,#1,worker,2010-09-01",
        [(3, "id_number", "id_number.masked")],
    ),
    "new without a column it needs": (
        "staff_no,name,school_code,post_category,employed_on\nT1,王,#1,worker,2010-09-01",
        [(2, "id_number", "missing")],
    ),
    "many faults": (
        f"{HEADER}\nT 1,王,1,x,y,z\n@1\nT3,,{id_number(3)},#1,worker,2010-02-30",
        [
            (2, "staff_no", "string_pattern_mismatch"),
            (2, "id_number", "id_number.length"),
            (2, "school_code", "string_pattern_mismatch"),
            (2, "post_category", "code.unknown"),
            (2, "employed_on", "date_from_datetime_parsing"),
            (4, "name", "missing"),
            (4, "employed_on", "date_from_datetime_parsing"),
        ],
    ),
    "rules between fields": (
        f"{HEADER},left_on,status\n@1,2009-01-01,left\n@2,,left",
        [(2, "left_on", "left_on.before_employment"), (3, "left_on", "left_on.missing")],
    ),
}


@pytest.mark.parametrize("case", BAD_ROWS)
async def test_bad_rows_are_named_and_nothing_is_stored(county: County, case: str) -> None:
    await county.ok("POST", "/v1/staff", json=person("OLD", county.one, 1000))
    before = await stored(county)
    body, expected = BAD_ROWS[case]
    body = body.replace("@1", line("T1", county.one, 1)).replace("@2", line("T2", county.one, 2))
    job = await county.load("staff", body.replace("#1", county.one))
    assert (job["state"], job["problem"]["code"]) == ("failed", "import.rows_failed")
    assert sorted(job["faults"]) == sorted(expected)
    failed = len({row for row, _, _ in expected})
    progress = job["progress"]
    assert (progress["failed"], progress["created"]) == (failed, 0)
    assert progress["unprocessed"] == progress["rows"] - failed
    assert await stored(county) == before


@pytest.mark.parametrize("case", BAD_ROWS)
async def test_with_valid_rows_the_others_are_stored(county: County, case: str) -> None:
    await county.ok("POST", "/v1/staff", json=person("OLD", county.one, 1000))
    body, expected = BAD_ROWS[case]
    body = body.replace("@1", line("T1", county.one, 1)).replace("@2", line("T2", county.one, 2))
    job = await county.load("staff", body.replace("#1", county.one), mode="valid_rows")
    assert job["state"] == "completed"
    assert sorted(job["faults"]) == sorted(expected)
    bad = {row for row, _, _ in expected}
    good = job["progress"]["rows"] - len(bad)
    assert counts(job) == (good, 0, 0, len(bad))
    assert {row["staff_no"] for row in await stored(county)} == {"OLD", *(["T1"] * good)}


# The whole file is refused, before any row is looked at.
BAD_FILES: dict[str, tuple[str | bytes, str]] = {
    "nul": (f"{HEADER}\n@1\nT2,王\x00", "text.nul"),
    "nothing": ("", "import.empty"),
    "only blank lines": ("\n\r\n\n", "import.empty"),
    "only a mark": ("\ufeff", "import.empty"),
    "unknown columns": (f"{HEADER},colour,尺寸\n@1,a,b", "platform.invalid"),
    "a repeated column": (f"{HEADER},姓名\n@1,王", "platform.invalid"),
    "no key": ("name,id_number\n王,1", "platform.invalid"),
    "no header": ("@1", "platform.invalid"),
    "utf-16 without a mark": (HEADER.encode("utf-16-le"), "text.nul"),
    "too many columns": ("a," * 200, "platform.invalid"),
    "a line without end": ("a," * 600_000, "platform.invalid"),
    "a row without end": (f"{HEADER}\n{',' * 2_100_000}\n", "import.line_too_long"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + b"x" * 600, "import.format_unknown"),
    "a workbook that is none": (b"PK\x03\x04" + b"x" * 600, "import.format_mismatch"),
}


@pytest.mark.parametrize("case", BAD_FILES)
async def test_a_bad_file_is_refused_as_a_whole(county: County, case: str) -> None:
    body, code = BAD_FILES[case]
    if isinstance(body, str):
        body = body.replace("@1", line("T1", county.one, 1))
    job = await county.load("staff", body)
    assert (job["state"], job["problem"]["code"]) == ("failed", code)
    assert job["problem"]["detail"]
    assert await stored(county) == []


async def test_unknown_columns_are_named_with_what_may_be_meant(county: County) -> None:
    job = await county.load("staff", "staff_no,姓 名,身份证号码,colour\nT1,王,1,x")
    found = [(e["code"], e["params"].get("column")) for e in job["problem"]["errors"]]
    assert found == [
        ("import.unknown_column", "身份证号码"), ("import.unknown_column", "colour"),
    ]  # fmt: skip
    assert "身份证号" in job["problem"]["errors"][0]["params"]["guess"]
    mapped = await county.load(
        "staff",
        f"staff_no,姓 名,身份证号码,colour,school_code,post_category,employed_on\n"
        f"T1,王,{id_number(1)},x,{county.one},worker,2010-09-01",
        column_mapping={"身份证号码": "id_number", "colour": None},
    )
    assert counts(mapped) == (1, 0, 0, 0)
    assert mapped["columns"][3] == {"header": "colour", "field": None}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
async def test_any_usual_encoding_is_found_out(county: County, encoding: str) -> None:
    text = (
        f"工号,姓名,身份证号,学校标识码,岗位类别,入职日期\n{line('T1', county.one, 1, '王㐀明')}\n"
    )
    job = await county.load("staff", text.encode(encoding))
    assert counts(job) == (1, 0, 0, 0)
    assert job["encoding"] == {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)
    (row,) = await stored(county)
    assert row["name"] == "王㐀明"


async def test_a_row_in_another_encoding_fails_alone(county: County) -> None:
    rows = [line(f"T{n}", county.one, n).encode() for n in range(1, 6)]
    rows[2] = rows[2].decode().encode("gb18030")
    body = b"\n".join([HEADER.encode(), *rows])
    job = await county.load("staff", body, mode="valid_rows")
    assert (counts(job), job["faults"]) == ((4, 0, 0, 1), [(4, "", "import.encoding")])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
async def test_delimiters_are_found_out(county: County, delimiter: str) -> None:
    text = f"{HEADER}\n{line('T1', county.one, 1)}".replace(",", delimiter)
    assert counts(await county.load("staff", text)) == (1, 0, 0, 0)


BAD_LINES = {
    "broken": ('{"staff_no": "T1"', [(2, "", "import.malformed_json")]),
    "not an object": ("[1]", [(2, "", "import.malformed_json")]),
    "a number": ("12", [(2, "", "import.malformed_json")]),
    "not a number": ('{"staff_no": NaN}', [(2, "", "import.malformed_json")]),
    "half a character": ('{"name": "\\ud800"}', [(2, "", "import.malformed_json")]),
    "an escaped nul": ('{"name": "a\\u0000"}', [(2, "name", "text.nul")]),
    "unknown": ('{"colour": 1}', [(2, "colour", "extra_forbidden")]),
    "a numeric cell": ('{"staff_no": 12}', [(2, "staff_no", "import.number_in_text_column")]),
    "a list": ('{"post_category": ["worker"]}', [(2, "post_category", "code.unknown")]),
    "endless": (
        "{" + ",".join(f'"k{n}":1' for n in range(501)) + "}",
        [(2, "", "import.too_many_columns")],
    ),
    "no key": ('{"name": "王"}', [(2, "staff_no", "missing")]),
}


@pytest.mark.parametrize("case", BAD_LINES)
async def test_a_bad_line_names_its_row_and_stores_nothing(county: County, case: str) -> None:
    text, expected = BAD_LINES[case]
    body = ndjson_of([person("T1", county.one, 1)]) + b"\n" + text.encode()
    job = await county.load("staff", body, "rows.ndjson")
    assert job["state"] == "failed"
    assert set(expected) <= set(job["faults"])
    assert await stored(county) == []


async def test_lines_may_have_different_fields_and_absent_is_not_null(county: County) -> None:
    first = [person("T1", county.one, 1, duty="教师"), person("T2", county.one, 2, duty="教师")]
    await county.load("staff", ndjson_of(first), "rows.ndjson")
    rows: list[dict[str, Any]] = [
        {"staff_no": "T1", "name": "改名"},
        {"staff_no": "T2", "duty": None},
        person("T3", county.two, 3),
        {"staff_no": "T4", "name": "新人"},
    ]
    job = await county.load("staff", ndjson_of(rows), "rows.ndjson", mode="valid_rows")
    assert counts(job) == (1, 2, 0, 1)
    assert {(row, field) for row, field, _ in job["faults"]} == {
        (4, name) for name in ("id_number", "school_code", "post_category", "employed_on")
    }
    found = {row["staff_no"]: row for row in await stored(county)}
    assert (found["T1"]["name"], found["T1"]["duty"]) == ("改名", "教师")
    assert (found["T2"]["name"], found["T2"]["duty"]) == ("员工T2", None)


async def test_rules_between_fields_see_the_stored_ones(county: County) -> None:
    left = person("T1", county.one, 1, left_on="2020-01-01", status="left")
    await county.load("staff", csv_of([left, person("T2", county.one, 2, left_on="", status="")]))
    rows = "staff_no,employed_on\nT1,2021-01-01\nT2,2021-01-01\n"
    job = await county.load("staff", rows, mode="valid_rows")
    assert (counts(job), job["faults"]) == (
        (0, 1, 0, 1), [(2, "left_on", "left_on.before_employment")],
    )  # fmt: skip
    job = await county.load("staff", "staff_no,status\nT1,left\nT2,left\n", mode="valid_rows")
    assert (counts(job), job["faults"]) == ((0, 0, 1, 1), [(3, "left_on", "left_on.missing")])


async def test_a_masked_number_leaves_the_stored_one(county: County) -> None:
    await county.load("staff", csv_of([person("T1", county.one, 1), person("T2", county.one, 2)]))
    exported = (await county.call("GET", "/v1/staff?format=csv")).text
    assert counts(await county.load("staff", exported)) == (0, 0, 2, 0)
    renamed = exported.replace("员工T1", "改名")
    assert counts(await county.load("staff", renamed)) == (0, 1, 1, 0)
    found = await county.ok("POST", "/v1/staff:search", json={"id_number": id_number(1)})
    assert found["data"][0]["name"] == "改名"


async def test_insert_refuses_what_exists(county: County) -> None:
    await county.load("staff", csv_of([person("T1", county.one, 1)]))
    rows = csv_of([person("T1", county.one, 1), person("T2", county.one, 2)])
    job = await county.load("staff", rows, operation="insert", mode="valid_rows")
    assert (counts(job), job["faults"]) == ((1, 0, 0, 1), [(2, "staff_no", "import.exists")])


async def test_replace_removes_what_the_file_lacks_unless_it_is_too_much(county: County) -> None:
    rows = [person(f"T{n}", county.one, n) for n in range(10)]
    await county.load("staff", csv_of(rows))
    job = await county.load("staff", csv_of(rows[:7]), operation="replace")
    assert (job["state"], job["problem"]["code"]) == ("failed", "import.would_shrink")
    assert "3" in job["problem"]["detail"]
    job = await county.load("staff", csv_of(rows[:8]), operation="replace")
    assert (job["state"], job["progress"]["removed"]) == ("completed", 2)
    gone = [row["staff_no"] for row in await stored(county) if row["status"] == "left"]
    assert sorted(gone) == ["T8", "T9"]
    job = await county.load("staff", csv_of(rows[:1]), operation="replace", allow_shrink=True)
    assert job["progress"]["removed"] == 7


async def test_a_dry_run_counts_and_its_commit_needs_no_second_upload(county: County) -> None:
    rows = [person(f"T{n}", county.one, n) for n in range(5)]
    job = await county.load("staff", csv_of(rows), dry_run=True)
    assert (job["state"], counts(job)) == ("completed", (5, 0, 0, 0))
    assert await stored(county) == []
    await county.ok("POST", "/v1/staff", json=rows[0])
    answer = await county.ok("POST", f"/v1/imports/{job['id']}:commit")
    assert answer["state"] == "queued"
    done = await county.ok("GET", f"/v1/imports/{job['id']}?wait=20")
    assert (done["dry_run"], done["state"], counts(done)) == (False, "completed", (4, 0, 1, 0))
    again = await county.call("POST", f"/v1/imports/{job['id']}:commit")
    assert (again.status_code, again.json()["code"]) == (409, "import.not_committable")


async def test_the_same_file_sent_at_once_is_stored_once(county: County) -> None:
    rows = [person(f"T{n}", county.one, n) for n in range(400)]
    bodies = [csv_of(rows), csv_of(rows[::-1])] * 3
    jobs = await asyncio.gather(*(county.load("staff", body) for body in bodies))
    assert sum(counts(job)[0] for job in jobs) == 400
    assert sum(counts(job)[2] for job in jobs) == 400 * 5
    assert len(await stored(county)) == 400


async def test_schools_are_imported_with_their_parents(empty: County) -> None:
    rows = [
        school(empty.code(2), school_type="218", parent_code=empty.one),
        school(empty.one, parent_code=""),
    ]
    assert counts(await empty.load("schools", csv_of(rows))) == (2, 0, 0, 0)
    orphan = [school(empty.code(3), parent_code="2100000000")]
    job = await empty.load("schools", csv_of(orphan))
    assert job["faults"] == [(2, "parent_code", "school.unknown")]
    wrong = [school(empty.code(3), school_type="311")]
    job = await empty.load("schools", csv_of(wrong))
    assert job["faults"] == [(2, "school_code", "school_code.class")]
    exported = read_csv((await empty.call("GET", "/v1/schools?format=csv")).text)
    assert counts(await empty.load("schools", csv_of(exported))) == (0, 0, 2, 0)


async def test_a_code_of_another_bureau_is_taken(county: County) -> None:
    rows = [school(county.code(7)), school(county.one)]
    stranger = {"bureau": "999993"}
    job = await county.load("schools", csv_of(rows), subject=stranger)
    assert (job["state"], job["faults"]) == ("failed", [(3, "school_code", "import.taken")])
    assert (await county.ok("GET", "/v1/schools", subject=stranger))["data"] == []
    assert len((await county.ok("GET", "/v1/schools"))["data"]) == 2


async def test_a_school_officers_file_reaches_its_own_school_only(county: County) -> None:
    await county.ok("POST", "/v1/staff", json=person("T2", county.two, 2))
    before = await stored(county)
    own: dict[str, Any] = {"role": "school_officer", "subject": {"schools": [county.one]}}
    elsewhere = [person("T1", county.one, 1), person("T3", county.two, 3)]
    job = await county.load("staff", csv_of(elsewhere), **own)
    assert job["faults"] == [(3, "school_code", "school.unknown")]
    poached = [person("T2", county.one, 2)]
    job = await county.load("staff", csv_of(poached), **own)
    assert (2, "staff_no", "import.taken") in job["faults"]
    copied = [person("T2", county.two, 2)]
    job = await county.load("staff", csv_of(copied), **own)
    assert (counts(job)[2], job["state"]) == (0, "failed"), "an equal row is not given away"
    assert await stored(county) == before
    assert counts(await county.load("staff", csv_of([person("T1", county.one, 1)]), **own)) == (
        1, 0, 0, 0,
    )  # fmt: skip


async def test_the_numbers_of_a_file_are_nowhere_in_the_database(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await county.load("staff", csv_of([person(f"T{n}", county.one, n) for n in range(50)]))
    text = await admin.fetchval(
        "select string_agg(s::text, ' ') from schools.staff s where bureau_code = $1",
        county.bureau,
    )
    for number in (id_number(n) for n in range(50)):
        assert number not in text
        assert number.encode().hex() not in text
