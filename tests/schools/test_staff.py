import asyncio
from typing import Any

import asyncpg
import pytest

from tests.schools.county import County, codes, id_number, person, school


@pytest.mark.quick("services.schools.staff")
async def test_create_read_list_without_the_number(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    number = id_number(4711)
    body = person("T1", county.one, 4711)
    created = await county.ok("POST", "/v1/staff", json=body)
    assert created["id_number_masked"] == "*" * 18
    assert created["gender"] == ("male" if int(number[16]) % 2 else "female")
    assert created["birth_date"].replace("-", "") == number[6:14]
    texts = [
        (await county.call(method, path, json=given)).text
        for method, path, given in (
            ("GET", "/v1/staff/by-key/T1", None),
            ("GET", f"/v1/staff/{created['id']}", None),
            ("GET", "/v1/staff?q=员工", None),
            ("GET", "/v1/staff?format=csv", None),
            ("GET", "/v1/staff?format=ndjson", None),
            ("PATCH", "/v1/staff/by-key/T1", {"duty": "校长"}),
            ("PUT", "/v1/staff/by-key/T1", body),
            ("POST", "/v1/staff", body),
        )
    ]
    assert not any(number in text or number[6:17] in text for text in texts)
    stored = await admin.fetchval(
        "select row_to_json(s)::text from schools.staff s where bureau_code = $1", county.bureau
    )
    assert number not in stored
    assert number.encode().hex() not in stored


async def test_equal_numbers_look_different_at_rest_but_are_recognised(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await county.ok("POST", "/v1/staff", json=person("T1", county.one, 5))
    other = County(county.client, "999995")
    await other.ok("POST", "/v1/schools", json=school(other.one))
    await other.ok("POST", "/v1/staff", json=person("T1", other.one, 5))
    rows = await admin.fetch(
        "select id_number_cipher as cipher, id_number_index as index from schools.staff "
        "where bureau_code = any($1)",
        [county.bureau, other.bureau],
    )
    assert len({row["cipher"] for row in rows}) == 2
    assert len({row["index"] for row in rows}) == 1


@pytest.mark.parametrize("taken", ["staff_no", "id_number"])
async def test_number_and_person_are_unique_in_a_bureau(county: County, taken: str) -> None:
    await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1))
    second = person("T1", county.one, 2) if taken == "staff_no" else person("T2", county.one, 1)
    answer = await county.call("POST", "/v1/staff", json=second)
    assert (answer.status_code, answer.json()["code"]) == (409, "schools.staff_taken")
    assert len((await county.ok("GET", "/v1/staff"))["data"]) == 1


async def test_a_new_number_must_not_be_someone_elses(county: County) -> None:
    for number in (1, 2):
        await county.ok("POST", "/v1/staff", json=person(f"T{number}", county.one, number))
    change = {"id_number": id_number(1)}
    patched = await county.call("PATCH", "/v1/staff/by-key/T2", json=change)
    put = await county.call("PUT", "/v1/staff/by-key/T2", json=person("T2", county.one, 1))
    assert (patched.status_code, put.status_code) == (409, 409)
    free = await county.ok("PATCH", "/v1/staff/by-key/T2", json={"id_number": id_number(3)})
    shown = await county.ok("POST", f"/v1/staff/{free['id']}:reveal", json={"purpose": "核对"})
    assert shown["id_number"] == id_number(3)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"id_number": id_number(9) + "1"}, "/id_number", "id_number.length"),
        ({"id_number": "62012390010100"}, "/id_number", "id_number.length"),
        ({"id_number": "999999199001010013"}, "/id_number", "id_number.area"),
        ({"id_number": "62012319900101001A"}, "/id_number", "id_number.form"),
        ({"id_number": "620123199002300019"}, "/id_number", "id_number.birth_date"),
        ({"id_number": "620123209901010019"}, "/id_number", "id_number.birth_date"),
        ({"id_number": "110105194912310021"}, "/id_number", "id_number.checksum"),
        ({"id_number": 620123199001010016}, "/id_number", "string_type"),
        ({"staff_no": "T 1"}, "/staff_no", "string_pattern_mismatch"),
        ({"staff_no": "T" * 33}, "/staff_no", "string_pattern_mismatch"),
        ({"school_code": "2100000000"}, "/school_code", "school.unknown"),
        ({"employed_on": "2010-13-01"}, "/employed_on", "date_from_datetime_parsing"),
        ({"left_on": "2009-01-01"}, "/left_on", "left_on.before_employment"),
        ({"status": "left"}, "/left_on", "left_on.missing"),
        ({"status": "退休"}, "/left_on", "left_on.missing"),
        ({"status": ["active"]}, "/status", "code.unknown"),
        ({"post_category": {}}, "/post_category", "code.unknown"),
        ({"post_level": 14}, "/post_level", "less_than_equal"),
        ({"post_level": 99999999999999999999}, "/post_level", "less_than_equal"),
        ({"name": "\x00"}, "/name", "text.nul"),
        ({"gender": "male"}, "/gender", "extra_forbidden"),
    ],
)
async def test_faults_are_named_and_nothing_is_stored(
    county: County, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await county.call("POST", "/v1/staff", json=person("T1", county.one, 9) | changes)
    assert answer.status_code == 422
    assert codes(answer) == [(pointer, code)]
    assert (await county.ok("GET", "/v1/staff"))["data"] == []


async def test_full_width_numbers_are_the_same_number(county: County) -> None:
    wide = id_number(7).translate({ord("0") + n: ord("０") + n for n in range(10)}).lower()
    await county.ok("POST", "/v1/staff", json=person("T1", county.one, 0) | {"id_number": wide})
    taken = await county.call("POST", "/v1/staff", json=person("T2", county.one, 7))
    assert taken.status_code == 409


async def test_patch_keeps_what_is_not_sent(county: County) -> None:
    created = await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1, duty="教师"))
    moved = await county.ok(
        "PATCH", "/v1/staff/by-key/T1", json={"school_code": county.two, "title": "一级教师"}
    )
    kept = created | {
        "school_code": county.two,
        "title": "first",
        "version": 2,
        "updated_at": moved["updated_at"],
    }
    assert moved == kept
    left = await county.call("PATCH", "/v1/staff/by-key/T1", json={"status": "离职"})
    assert codes(left)[0][1] == "left_on.missing"
    gone = {"status": "离职", "left_on": "2025-06-30"}
    assert (await county.ok("PATCH", "/v1/staff/by-key/T1", json=gone))["status"] == "left"
    null = await county.call("PATCH", "/v1/staff/by-key/T1", json={"id_number": None})
    assert codes(null)[0][1] == "patch.null"
    assert (await county.call("PATCH", "/v1/staff/by-key/T9", json={})).status_code == 404


async def test_all_faults_of_a_patch_come_at_once(county: County) -> None:
    await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1))
    wrong = {"name": None, "school_code": None, "zz": 1, "post_level": 99}
    answer = await county.call("PATCH", "/v1/staff/by-key/T1", json=wrong)
    assert answer.status_code == 422
    assert sorted(codes(answer)) == [
        ("/name", "patch.null"),
        ("/post_level", "less_than_equal"),
        ("/school_code", "patch.null"),
        ("/zz", "extra_forbidden"),
    ]


async def test_two_puts_at_once_make_one_person(county: County) -> None:
    answers = await asyncio.gather(
        *(
            county.call("PUT", "/v1/staff/by-key/T1", json=person("T1", county.one, 1, duty=f"{n}"))
            for n in range(6)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    (row,) = (await county.ok("GET", "/v1/staff"))["data"]
    assert row["version"] == 6


async def test_a_school_officer_sees_and_writes_its_own_school_only(county: County) -> None:
    for number, code in ((1, county.one), (2, county.two)):
        await county.ok("POST", "/v1/staff", json=person(f"T{number}", code, number))
    own: dict[str, Any] = {"role": "school_officer", "subject": {"schools": [county.one]}}
    listed = await county.ok("GET", "/v1/staff?total=exact", **own)
    assert ([row["staff_no"] for row in listed["data"]], listed["total"]) == (["T1"], 1)
    assert (await county.call("GET", "/v1/staff/by-key/T2", **own)).status_code == 404
    for method, body in (("PATCH", {"duty": "校长"}), ("PUT", person("T2", county.one, 2))):
        answer = await county.call(method, "/v1/staff/by-key/T2", json=body, **own)
        assert answer.status_code in (404, 409)
    away = await county.call(
        "PATCH", "/v1/staff/by-key/T1", json={"school_code": county.two}, **own
    )
    assert codes(away) == [("/school_code", "school.unknown")]
    elsewhere = await county.call("POST", "/v1/staff", json=person("T3", county.two, 3), **own)
    assert codes(elsewhere) == [("/school_code", "school.unknown")]
    here = await county.call("POST", "/v1/staff", json=person("T3", county.one, 3), **own)
    assert here.status_code == 201
    assert (await county.ok("GET", "/v1/staff/by-key/T2"))["school_code"] == county.two


async def test_staff_see_themselves_alone(county: County) -> None:
    for number in (1, 2):
        await county.ok("POST", "/v1/staff", json=person(f"T{number}", county.one, number))
    me: dict[str, Any] = {"role": "staff", "subject": {"staff_no": "T1"}}
    listed = await county.ok("GET", "/v1/staff?total=exact", **me)
    assert ([row["staff_no"] for row in listed["data"]], listed["total"]) == (["T1"], 1)
    assert '"T2"' not in (await county.call("GET", "/v1/staff?format=ndjson", **me)).text
    assert (await county.call("GET", "/v1/staff/by-key/T2", **me)).status_code == 404
    nobody: dict[str, Any] = {"role": "staff", "subject": {"staff_no": None}}
    assert (await county.ok("GET", "/v1/staff", **nobody))["data"] == []
