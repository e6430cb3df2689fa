import asyncio
from typing import Any

import asyncpg
import pytest

from tests.schools.county import (
    County,
    codes,
    csv_of,
    id_number,
    ndjson_of,
    person,
    read_csv,
    school,
)

HEADER = "staff_no,name,id_number,school_code,post_category,employed_on"


def line(staff_no: str, school_code: str, serial: int, name: str = "王小明") -> str:
    """One row under `HEADER`."""
    return f"{staff_no},{name},{id_number(serial)},{school_code},professional,2010-09-01"


async def stored(county: County) -> list[dict[str, Any]]:
    """The bureau's staff."""
    return await county.all("/v1/staff")


async def test_counts_say_what_became_of_every_row(county: County) -> None:
    rows = [person(f"T{n}", county.one, n) for n in range(10)]
    assert (await county.load("staff", csv_of(rows))).json() == {
        "rows": 10, "created": 10, "updated": 0, "unchanged": 0,
    }  # fmt: skip
    before = {row["staff_no"]: row for row in await stored(county)}
    rows[3]["name"], rows[4]["id_number"] = "改名", id_number(99)
    rows.append(person("T10", county.two, 10))
    assert (await county.load("staff", ndjson_of(rows), "application/x-ndjson")).json() == {
        "rows": 11, "created": 1, "updated": 2, "unchanged": 8,
    }  # fmt: skip
    after = {row["staff_no"]: row for row in await stored(county)}
    changed = {no for no, row in before.items() if after[no] != row}
    assert changed == {"T3", "T4"}
    assert after["T3"]["version"] == 2
    assert after["T3"]["created_at"] == before["T3"]["created_at"]
    assert after["T3"]["updated_at"] > before["T3"]["updated_at"]


async def test_an_empty_cell_clears_a_field(county: County) -> None:
    await county.load("staff", csv_of([person("T1", county.one, 1, duty="校长", title="first")]))
    row = person("T1", county.one, 1, duty="", title="")
    assert (await county.load("staff", csv_of([row]))).json()["updated"] == 1
    (person_now,) = await stored(county)
    assert (person_now["duty"], person_now["title"]) == (None, None)


async def test_chinese_headers_labels_bom_crlf_blank_lines_and_quoted_newlines(
    county: County,
) -> None:
    text = (
        "\ufeff工号, 姓名 ,身份证号,学校标识码,岗位类别,入职日期,职称,岗位职务\r\n"
        "\r\n"
        f'T1,"王\r\n小明",{id_number(1)},{county.one},专业技术岗位,2010-09-01,一级教师,"说""好"""\r\n'
        ",,,,,,,\r\n"
        f"T2, 李四 ,{id_number(2).lower()},{county.two},管理岗位,2011-09-01,,\r\n\r\n"
    )
    assert (await county.load("staff", text.encode())).json()["created"] == 2
    first, second = await stored(county)
    assert (first["name"], first["duty"], first["title"]) == ("王\r\n小明", '说"好"', "first")
    assert (second["name"], second["post_category"], second["title"]) == (
        "李四", "management", None,
    )  # fmt: skip
    again = await county.load("staff", text.replace("\r\n", "\n").encode())
    assert again.json()["rows"] == 2


BAD_FILES: dict[str, tuple[str | bytes, list[tuple[str, str]]]] = {
    "an unclosed quote": (f'{HEADER}\n"T1,王', [("/rows/2", "import.malformed_csv")]),
    "text after a quote": (f'{HEADER}\n"T1"x,王', [("/rows/2", "import.malformed_csv")]),
    "too few cells": (f"{HEADER}\n@1\nT2,王", [("/rows/3", "import.column_count")]),
    "too many cells": (f"{HEADER}\n@1,more", [("/rows/2", "import.column_count")]),
    "gbk": (f"{HEADER}\nT1,王小明".encode("gbk"), [("/rows/2", "import.encoding")]),
    "utf-16": (f"{HEADER}\nT1,王小明".encode("utf-16"), [("/rows/1", "import.encoding")]),
    "utf-16 without a mark": (HEADER.encode("utf-16-le"), [("/rows/1", "text.nul")]),
    "nul": (f"{HEADER}\n@1\nT2,王\x00", [("/rows/3", "text.nul")]),
    "nothing": ("", [("/rows/1", "import.empty")]),
    "only blank lines": ("\n\r\n\n", [("/rows/1", "import.empty")]),
    "only a mark": ("\ufeff", [("/rows/1", "import.empty")]),
    "unknown columns": (
        f"{HEADER},colour,尺寸\n@1,a,b",
        [("/rows/1/colour", "import.unknown_column"), ("/rows/1/尺寸", "import.unknown_column")],
    ),
    "a repeated column": (f"{HEADER},姓名\n@1,王", [("/rows/1", "import.repeated_column")]),
    "a missing column": (
        "staff_no,name,school_code,post_category,employed_on\nT1,王,#1,worker,2010-09-01",
        [("/rows/2/id_number", "missing")],
    ),
    "no header": (
        "@1",
        [(f"/rows/1/{cell}", "import.unknown_column") for cell in ("T1", "王小明")],
    ),
    "19 digits": (
        f"{HEADER}\n@1\nT2,王,6201231990010100011,#1,worker,2010-09-01",
        [("/rows/3/id_number", "id_number.length")],
    ),
    "a wrong check digit": (
        f"{HEADER}\nT2,王,110105194912310021,#1,worker,2010-09-01\n@1",
        [("/rows/2/id_number", "id_number.checksum")],
    ),
    "an impossible birth date": (
        f"{HEADER}\nT2,王,620123199002300019,#1,worker,2010-09-01",
        [("/rows/2/id_number", "id_number.birth_date")],
    ),
    "an unknown school": (
        f"{HEADER}\n@1\nT2,王,{id_number(2)},2100000000,worker,2010-09-01",
        [("/rows/3/school_code", "school.unknown")],
    ),
    "a staff number twice": (
        f"{HEADER}\n@1\n\nT1,李,{id_number(2)},#1,worker,2010-09-01",
        [("/rows/4/staff_no", "import.duplicate_in_file")],
    ),
    "an ID number twice": (
        f"{HEADER}\n@1\nT2,李,{id_number(1)},#1,worker,2010-09-01",
        [("/rows/3/id_number", "id_number.duplicate_in_file")],
    ),
    "an ID number that is taken": (
        f"{HEADER}\n@1\nT2,李,{id_number(1000)},#1,worker,2010-09-01",
        [("/rows/3/id_number", "id_number.taken")],
    ),
    "many faults": (
        f"{HEADER}\nT 1,王,1,x,y,z\n@1\nT3,,{id_number(3)},#1,worker,2010-02-30",
        [
            ("/rows/2/staff_no", "string_pattern_mismatch"),
            ("/rows/2/id_number", "id_number.length"),
            ("/rows/2/school_code", "string_pattern_mismatch"),
            ("/rows/2/post_category", "code.unknown"),
            ("/rows/2/employed_on", "date_from_datetime_parsing"),
            ("/rows/4/name", "missing"),
            ("/rows/4/employed_on", "date_from_datetime_parsing"),
        ],
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
async def test_a_bad_csv_names_its_rows_and_stores_nothing(county: County, case: str) -> None:
    await county.ok("POST", "/v1/staff", json=person("OLD", county.one, 1000))
    before = await stored(county)
    body, expected = BAD_FILES[case]
    if isinstance(body, str):
        body = body.replace("@1", line("T1", county.one, 1)).replace("#1", county.one).encode()
    answer = await county.load("staff", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "platform.invalid")
    found = codes(answer)
    if case == "no header":  # every cell is an unknown column
        found = found[: len(expected)]
    assert sorted(found) == sorted(expected)
    for fault in answer.json()["errors"]:
        assert fault["params"]["row"] == int(fault["pointer"].split("/")[2])
        assert fault["message"]
    assert await stored(county) == before


BAD_LINES = {
    "broken": ('{"staff_no": "T1"', [("/rows/2", "import.malformed_json")]),
    "not an object": ("[1]", [("/rows/2", "import.malformed_json")]),
    "a number": ("12", [("/rows/2", "import.malformed_json")]),
    "not a number": ('{"staff_no": NaN}', [("/rows/2", "import.malformed_json")]),
    "half a character": ('{"name": "\\ud800"}', [("/rows/2", "import.malformed_json")]),
    "an escaped nul": ('{"name": "a\\u0000"}', [("/rows/2/name", "text.nul")]),
    "unknown": ('{"colour": 1}', [("/rows/2/colour", "extra_forbidden")]),
    "a numeric cell": ('{"staff_no": 12}', [("/rows/2/staff_no", "string_type")]),
    "a list": ('{"post_category": ["worker"]}', [("/rows/2/post_category", "code.unknown")]),
}


@pytest.mark.parametrize("case", BAD_LINES)
async def test_a_bad_line_names_its_row_and_stores_nothing(county: County, case: str) -> None:
    text, expected = BAD_LINES[case]
    body = ndjson_of([person("T1", county.one, 1)]) + b"\n" + text.encode()
    answer = await county.load("staff", body, "application/x-ndjson")
    assert answer.status_code == 422
    assert set(expected) <= set(codes(answer))
    assert await stored(county) == []


async def test_thousands_of_faults_are_counted_and_the_first_thousand_listed(
    county: County,
) -> None:
    rows = [person(f"T{n}", county.one, n) | {"id_number": "1"} for n in range(1500)]
    problem = (await county.load("staff", csv_of(rows))).json()
    assert len(problem["errors"]) == 1000
    assert problem["errors"][0]["params"]["row"] == 2


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "multipart/form-data"])
async def test_other_types_are_refused(county: County, kind: str) -> None:
    answer = await county.load("staff", b"x", kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "platform.unsupported_media_type")
    assert "text/csv" in answer.json()["detail"]


async def test_parameters_of_the_type_do_not_matter(county: County) -> None:
    body = csv_of([person("T1", county.one, 1)])
    answer = await county.load("staff", body, 'Text/CSV; charset="utf-8"')
    assert answer.json()["created"] == 1


async def test_a_body_over_the_limit_is_refused(county: County) -> None:
    huge = b"x" * (32 * 1024 * 1024 + 1)
    answer = await county.load("staff", huge)
    assert (answer.status_code, answer.json()["code"]) == (413, "platform.body_too_large")
    as_json = await county.call(
        "POST", "/v1/staff", content=huge, headers={"Content-Type": "application/json"}
    )
    assert (as_json.status_code, as_json.json()["code"]) == (413, "platform.body_too_large")
    assert await stored(county) == []


async def test_the_same_file_sent_at_once_is_stored_once(county: County) -> None:
    rows = [person(f"T{n}", county.one, n) for n in range(400)]
    bodies = [csv_of(rows), csv_of(rows[::-1])] * 3
    reports = [
        answer.json()
        for answer in await asyncio.gather(*(county.load("staff", body) for body in bodies))
    ]
    assert sum(report["created"] for report in reports) == 400
    assert sum(report["unchanged"] for report in reports) == 400 * 5
    assert len(await stored(county)) == 400


async def test_schools_are_imported_with_their_parents(empty: County) -> None:
    rows = [
        school(empty.code(2), school_type="218", parent_code=empty.one),
        school(empty.one, parent_code=""),
    ]
    assert (await empty.load("schools", csv_of(rows))).json()["created"] == 2
    orphan = [school(empty.code(3), parent_code="2100000000")]
    answer = await empty.load("schools", csv_of(orphan))
    assert codes(answer) == [("/rows/2/parent_code", "school.unknown")]
    wrong = [school(empty.code(3), school_type="311")]
    answer = await empty.load("schools", csv_of(wrong))
    assert codes(answer) == [("/rows/2", "school_code.class")]
    exported = read_csv((await empty.call("GET", "/v1/schools?format=csv")).text)
    kept = [{name: row[name] for name in rows[0]} for row in exported]
    assert (await empty.load("schools", csv_of(kept))).json()["unchanged"] == 2


async def test_a_code_of_another_bureau_is_taken(county: County) -> None:
    rows = [school(county.code(7)), school(county.one)]
    stranger = {"bureau": "999993"}
    answer = await county.load("schools", csv_of(rows), subject=stranger)
    assert (answer.status_code, codes(answer)[0][1]) == (422, "import.taken")
    assert (await county.ok("GET", "/v1/schools", subject=stranger))["data"] == []
    assert len((await county.ok("GET", "/v1/schools"))["data"]) == 2


async def test_a_school_officers_file_reaches_its_own_school_only(county: County) -> None:
    await county.ok("POST", "/v1/staff", json=person("T2", county.two, 2))
    before = await stored(county)
    own: dict[str, Any] = {"role": "school_officer", "subject": {"schools": [county.one]}}
    elsewhere = [person("T1", county.one, 1), person("T3", county.two, 3)]
    assert codes(await county.load("staff", csv_of(elsewhere), **own)) == [
        ("/rows/3/school_code", "school.unknown")
    ]
    poached = [person("T2", county.one, 2)]
    answer = await county.load("staff", csv_of(poached), **own)
    assert (answer.status_code, codes(answer)[0][1]) == (422, "import.taken")
    renamed = [person("T4", county.one, 2)]
    answer = await county.load("staff", csv_of(renamed), **own)
    assert (answer.status_code, codes(answer)[0][1]) == (422, "import.taken")
    assert await stored(county) == before
    good = await county.load("staff", csv_of([person("T1", county.one, 1)]), **own)
    assert good.json()["created"] == 1


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


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ("a," * 200, "text/csv", "import.too_many_columns"),
        ("a," * 600_000, "text/csv", "import.line_too_long"),
        (f"{HEADER}\n{',' * 1_100_000}", "text/csv", "import.line_too_long"),
        (
            "{" + ",".join(f'"k{n}":1' for n in range(101)) + "}",
            "application/x-ndjson",
            "import.too_many_columns",
        ),
        ('{"name":"' + "a" * 1_100_000 + '"}', "application/x-ndjson", "import.line_too_long"),
    ],
)
async def test_endless_rows_are_refused_unread(
    county: County, body: str, kind: str, code: str
) -> None:
    answer = await county.load("staff", body.encode(), kind)
    assert answer.status_code == 422
    assert [fault["code"] for fault in answer.json()["errors"]] == [code]


async def test_many_values_in_few_rows_are_all_counted(county: County) -> None:
    wrong = "{" + ",".join(f'"k{n}":1' for n in range(100)) + "}"
    body = "\n".join([wrong] * 2500).encode()
    answer = await county.load("staff", body, "application/x-ndjson")
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 1000
