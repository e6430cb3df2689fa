import asyncio
import json

import asyncpg
import pytest

from tests.schools.county import County, codes, csv_of, school


@pytest.mark.quick("services.schools.schools")
async def test_create_read_list(county: County) -> None:
    answer = await county.call("POST", "/v1/schools", json=school(county.code(3), enrolment=860))
    created = answer.json()
    assert (answer.status_code, created["version"], created["status"]) == (201, 1, "active")
    by_id = await county.ok("GET", f"/v1/schools/{created['id']}")
    by_key = await county.ok("GET", f"/v1/schools/by-key/{county.code(3)}")
    (listed,) = (await county.ok("GET", f"/v1/schools?school_code={county.code(3)}"))["data"]
    assert created == by_id == by_key
    assert listed == created | {"etag": '"1"'}


async def test_a_code_is_taken_in_every_bureau(county: County) -> None:
    for subject in ({}, {"bureau": "999998"}):
        answer = await county.call("POST", "/v1/schools", json=school(county.one), subject=subject)
        assert (answer.status_code, answer.json()["code"]) == (409, "schools.school_code_taken")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"school_code": "216200000"}, "/school_code", "string_pattern_mismatch"),
        ({"school_code": "21620000011"}, "/school_code", "string_pattern_mismatch"),
        ({"school_code": "21６２000001"}, "/school_code", "string_pattern_mismatch"),
        ({"school_code": "2162000001\n"}, "/school_code", "string_pattern_mismatch"),
        ({"school_type": "311"}, "/school_code", "school_code.class"),
        ({"school_type": "999"}, "/school_type", "code.unknown"),
        ({"area_type": "小镇"}, "/area_type", "code.unknown"),
        ({"name": "  "}, "/name", "string_too_short"),
        ({"name": "名" * 101}, "/name", "string_too_long"),
        ({"name": "a\x00b"}, "/name", "text.nul"),
        ({"name": "城关\n小学"}, "/name", "text.not_one_line"),
        ({"name": "城关\u2028小学"}, "/name", "text.not_one_line"),
        ({"name": "城关\u0085小学"}, "/name", "text.not_one_line"),
        ({"local_code": "1\x1c2"}, "/local_code", "text.not_one_line"),
        ({"name": 7}, "/name", "string_type"),
        ({"enrolment": -1}, "/enrolment", "greater_than_equal"),
        ({"enrolment": True}, "/enrolment", "int_type"),
        ({"enrolment": 1.5}, "/enrolment", "int_type"),
        ({"enrolment": 100_001}, "/enrolment", "less_than_equal"),
        ({"opened_on": "1956-02-30"}, "/opened_on", "date_from_datetime_parsing"),
        ({"opened_on": "0001-01-01"}, "/opened_on", "date.implausible"),
        ({"parent_code": "2100000000"}, "/parent_code", "school.unknown"),
        ({"colour": "red"}, "/colour", "extra_forbidden"),
    ],
)
async def test_faults_are_named_and_nothing_is_stored(
    empty: County, changes: dict[str, object], pointer: str, code: str
) -> None:
    answer = await empty.call("POST", "/v1/schools", json=school(empty.one) | changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "platform.invalid")
    assert codes(answer) == [(pointer, code)]
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await empty.ok("GET", "/v1/schools"))["data"] == []


async def test_all_faults_at_once_in_the_language_asked_for(empty: County) -> None:
    bad = school("12") | {"school_type": "x", "enrolment": "many", "name": None}
    texts = {}
    for language in ("zh-CN", "en"):
        answer = await empty.call(
            "POST", "/v1/schools", json=bad, headers={"Accept-Language": language}
        )
        assert answer.headers["content-language"] == language
        texts[language] = [fault["message"] for fault in answer.json()["errors"]]
    assert len(texts["zh-CN"]) == len(texts["en"]) == 4
    assert all(any("\u4e00" <= c <= "\u9fff" for c in text) for text in texts["zh-CN"])
    assert texts["en"][0] == "Must be text" or "Must" in " ".join(texts["en"])


async def test_labels_are_accepted_for_codes(empty: County) -> None:
    body = school(empty.one, school_type="小学", area_type="村庄", status="停办")
    created = await empty.ok("POST", "/v1/schools", json=body)
    assert (created["school_type"], created["area_type"], created["status"]) == (
        "211", "220", "suspended",
    )  # fmt: skip


async def test_put_creates_then_replaces(empty: County) -> None:
    path = f"/v1/schools/by-key/{empty.one}"
    first = await empty.call("PUT", path, json=school(empty.one, enrolment=5, address="解放路"))
    second = await empty.call("PUT", path, json=school(empty.one, name="新名"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["id"] == first.json()["id"]
    assert second.json()["version"] == 2
    assert (second.json()["name"], second.json()["enrolment"]) == ("新名", None)
    other = await empty.call("PUT", path, json=school(empty.two))
    assert codes(other) == [("/school_code", "key.mismatch")]


async def test_two_puts_at_once_make_one_school(empty: County) -> None:
    path = f"/v1/schools/by-key/{empty.one}"
    answers = await asyncio.gather(
        *(empty.call("PUT", path, json=school(empty.one, enrolment=n)) for n in range(6))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] * 5 + [201]
    (row,) = (await empty.ok("GET", "/v1/schools"))["data"]
    assert row["version"] == 6


async def test_patch_changes_what_is_sent(county: County) -> None:
    path = f"/v1/schools/by-key/{county.one}"
    changed = await county.ok("PATCH", path, json={"enrolment": 12, "status": "停办"})
    assert (changed["enrolment"], changed["status"], changed["version"]) == (12, "suspended", 2)
    cleared = await county.ok("PATCH", path, json={"enrolment": None})
    assert cleared["enrolment"] is None
    assert cleared["name"] == changed["name"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": None}, "patch.null"),
        ({"status": None}, "patch.null"),
        ({"school_code": "2162000009"}, "extra_forbidden"),
        ({"school_type": "311"}, "school_code.class"),
        ({"parent_code": "2100000000"}, "school.unknown"),
        ({"bureau_code": "620123"}, "extra_forbidden"),
    ],
)
async def test_a_patch_must_leave_a_valid_school(
    county: County, changes: dict[str, object], code: str
) -> None:
    path = f"/v1/schools/by-key/{county.one}"
    before = await county.ok("GET", path)
    answer = await county.call("PATCH", path, json=changes)
    assert (answer.status_code, codes(answer)[0][1]) == (422, code)
    assert await county.ok("GET", path) == before


async def test_a_school_is_not_its_own_parent(county: County) -> None:
    path = f"/v1/schools/by-key/{county.one}"
    answer = await county.call("PATCH", path, json={"parent_code": county.one})
    assert codes(answer)[0][1] == "parent_code.self"
    await county.ok("PATCH", path, json={"parent_code": county.two})
    page = await county.ok("GET", f"/v1/schools?parent_code={county.two}")
    assert [row["school_code"] for row in page["data"]] == [county.one]


async def test_other_bureaus_and_other_schools_are_not_there(county: County) -> None:
    stranger, limited = {"bureau": "999997"}, {"schools": [county.two]}
    for subject in (stranger, limited):
        for method in ("GET", "PATCH"):
            answer = await county.call(
                method, f"/v1/schools/by-key/{county.one}", subject=subject,
                json={"name": "他人"} if method == "PATCH" else None,
            )  # fmt: skip
            assert (answer.status_code, answer.json()["code"]) == (404, "schools.school_not_found")
    assert (await county.ok("GET", "/v1/schools", subject=stranger))["data"] == []
    seen = await county.ok("GET", "/v1/schools?total=exact", subject=limited)
    assert ([row["school_code"] for row in seen["data"]], seen["total"]) == ([county.two], 1)
    text = (await county.call("GET", "/v1/schools?format=csv", subject=limited)).text
    assert county.two in text
    assert county.one not in text


@pytest.mark.quick("services.schools.bureaus")
async def test_bureaus_belong_to_the_platform(county: County, bureau: str) -> None:
    platform = {"bureau": None}
    body = {"bureau_code": bureau, "name": "示例县教育局"}
    created = await county.ok(
        "POST", "/v1/bureaus", json=body, role="system_admin", subject=platform
    )
    again = await county.call(
        "POST", "/v1/bureaus", json=body, role="system_admin", subject=platform
    )
    assert (again.status_code, again.json()["code"]) == (409, "schools.bureau_code_taken")
    assert await county.ok("GET", f"/v1/bureaus/by-key/{bureau}") == created
    other = await county.call("GET", f"/v1/bureaus/by-key/{bureau}", subject={"bureau": "999996"})
    assert other.status_code == 404
    own = await county.ok("GET", "/v1/bureaus?total=exact")
    assert ([row["bureau_code"] for row in own["data"]], own["total"]) == ([bureau], 1)
    refused = await county.call("POST", "/v1/bureaus", json=body)
    assert refused.status_code == 403


async def test_code_lists_name_every_code_in_both_languages(county: County) -> None:
    lists = await county.ok("GET", "/v1/code-lists")
    for code_list in lists:
        assert await county.ok("GET", f"/v1/code-lists/{code_list['name']}") == code_list
        assert all(code["label_zh"] and code["label_en"] for code in code_list["codes"])
    assert (await county.call("GET", "/v1/code-lists/colours")).status_code == 404


async def test_an_error_value_of_a_sheet_is_nobodys_name(county: County) -> None:
    body = school(county.code(40))
    for name in ("#N/A", " #REF! "):
        answer = await county.call("POST", "/v1/schools", json=body | {"name": name})
        assert answer.status_code == 422
        assert [fault["code"] for fault in answer.json()["errors"]] == ["text.error_value"]


async def test_a_name_of_two_lines_is_refused_and_where_one_is_stored_it_can_be_read(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    name = "城关\u2028小学"
    loaded = await county.load("schools", csv_of([school(county.code(7), name=name)]))
    assert [fault[1:] for fault in loaded["faults"]] == [("name", "text.not_one_line")]
    stored = await county.ok("POST", "/v1/schools", json=school(county.code(7), name=" 城关小学\n"))
    assert stored["name"] == "城关小学", "space around it is taken away"
    await admin.execute("update schools.school set name = $2 where id = $1", stored["id"], name)
    assert (await county.ok("GET", f"/v1/schools/{stored['id']}"))["name"] == name
    lines = (await county.call("GET", "/v1/schools?format=ndjson")).text.split("\n")
    assert name in [json.loads(line)["name"] for line in lines if line]
