"""Assignments written, read, listed, and refused."""

import json
from typing import Any

import asyncpg
import pytest

from tests.schools.county import County, assignment, codes, person, read_csv

PATH = "/v1/assignments"


@pytest.fixture
async def staffed(county: County) -> County:
    """A county with two people at its first school; the second one left in June 2021."""
    await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1, name="王小明"))
    left = {"left_on": "2021-06-30", "status": "left"}
    await county.ok("POST", "/v1/staff", json=person("T2", county.one, 2, **left))
    return county


def key_of(body: dict[str, Any]) -> str:
    """The address of an assignment by its natural key."""
    return f"{PATH}/by-key/" + "/".join(
        body[name] for name in ("staff_no", "school_code", "role", "starts_on")
    )


@pytest.mark.quick("services.schools.assignments")
async def test_create_read_list(staffed: County) -> None:
    body = assignment(
        "T1", staffed.two, role="班主任", kind="交流轮岗", subject="语文", class_name="三（2）班",
        weekly_lessons=12, starts_on="2025-09-01", ends_on="2026-08-31",
    )  # fmt: skip
    answer = await staffed.call("POST", PATH, json=body)
    made = answer.json()
    assert (answer.status_code, made["version"]) == (201, 1)
    coded = body | {"role": "head_teacher", "kind": "exchange"}
    assert made.items() >= coded.items()
    named = (made["name"], made["school_name"])
    assert named == ("王小明", f"示例县第{staffed.two[-4:]}小学")
    assert await staffed.ok("GET", f"{PATH}/{made['id']}") == made
    assert await staffed.ok("GET", key_of(coded)) == made
    (listed,) = (await staffed.ok("GET", PATH))["data"]
    etag = listed.pop("etag")
    assert listed == made
    assert etag == f'"1-{made["id"][-8:]}"'
    assert answer.headers["etag"].startswith(etag[:-1])


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"staff_no": "T9"}, [("/staff_no", "staff.unknown")]),
        ({"school_code": "2162999999"}, [("/school_code", "school.unknown")]),
        (
            {"staff_no": "T9", "school_code": "2162999999"},
            [("/staff_no", "staff.unknown"), ("/school_code", "school.unknown")],
        ),
        (
            {"staff_no": "T2", "starts_on": "2021-07-01"},
            [("/starts_on", "starts_on.after_leaving")],
        ),
        ({"ends_on": "2020-08-31"}, [("/ends_on", "ends_on.before_start")]),
        ({"class_name": "三（2）班"}, [("/class_name", "class_name.not_head_teacher")]),
        (
            {"role": "dean", "weekly_lessons": 4},
            [("/weekly_lessons", "weekly_lessons.not_teaching")],
        ),
        ({"role": "president"}, [("/role", "code.unknown")]),
        ({"kind": None}, [("/kind", "code.unknown")]),
        ({"weekly_lessons": 41}, [("/weekly_lessons", "less_than_equal")]),
        ({"weekly_lessons": -1}, [("/weekly_lessons", "greater_than_equal")]),
        ({"subject": "语" * 51}, [("/subject", "string_too_long")]),
        ({"subject": " "}, [("/subject", "string_too_short")]),
        ({"starts_on": "2020-09-31"}, [("/starts_on", "date_from_datetime_parsing")]),
        ({"starts_on": "0020-09-01"}, [("/starts_on", "date.implausible")]),
        ({"name": "王小明"}, [("/name", "extra_forbidden")]),
    ],
)
async def test_faults_are_named_and_nothing_is_stored(
    staffed: County, changes: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    body = assignment("T1", staffed.one) | changes
    for method, path in (("POST", PATH), ("PUT", key_of(assignment("T1", staffed.one) | changes))):
        answer = await staffed.call(method, path, json=body)
        assert answer.status_code == 422
        if not codes(answer)[0][1].startswith("date") or method == "POST":
            assert codes(answer) == faults
    assert (await staffed.ok("GET", PATH))["data"] == []


@pytest.mark.parametrize("role", ["teacher", "head_teacher", "subject_leader", "grade_leader"])
async def test_whoever_teaches_has_lessons(staffed: County, role: str) -> None:
    body = assignment("T1", staffed.one, role=role, weekly_lessons=0)
    assert (await staffed.ok("POST", PATH, json=body))["weekly_lessons"] == 0


async def test_somebody_who_left_keeps_what_was(staffed: County) -> None:
    """It may reach beyond the employment, as long as it does not start after it."""
    body = assignment("T2", staffed.one, starts_on="2009-09-01", ends_on="2021-08-31")
    await staffed.ok("POST", PATH, json=body)
    await staffed.ok("POST", PATH, json=assignment("T2", staffed.two, starts_on="2021-06-30"))


async def test_an_overlap_names_the_other_one(staffed: County) -> None:
    year = assignment("T1", staffed.one, starts_on="2020-09-01", ends_on="2021-08-31")
    await staffed.ok("POST", PATH, json=year)
    for starts_on, ends_on in (
        ("2020-09-01", None),
        ("2021-08-31", "2021-09-01"),
        ("2019-09-01", "2020-09-01"),
        ("2019-09-01", None),
        ("2020-10-01", "2020-10-01"),
    ):
        body = year | {"starts_on": starts_on, "ends_on": ends_on}
        answer = await staffed.call("POST", PATH, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "schools.assignment_overlaps")
        assert "2020-09-01 至 2021-08-31" in answer.json()["detail"]
    open_ended = await staffed.ok(
        "POST", PATH, json=year | {"starts_on": "2021-09-01", "ends_on": None}
    )
    late = await staffed.call(
        "POST", PATH, json=year | {"starts_on": "2030-09-01", "ends_on": None}
    )
    assert "2021-09-01 至 —" in late.json()["detail"]
    await staffed.ok("PATCH", f"{PATH}/{open_ended['id']}", json={"ends_on": "2030-08-31"})
    await staffed.ok("POST", PATH, json=year | {"starts_on": "2030-09-01", "ends_on": None})


async def test_other_roles_schools_and_people_do_not_overlap(staffed: County) -> None:
    for body in (
        assignment("T1", staffed.one),
        assignment("T1", staffed.one, role="head_teacher"),
        assignment("T1", staffed.two, kind="shared"),
        assignment("T2", staffed.one),
    ):
        await staffed.ok("POST", PATH, json=body)
    assert len(await staffed.all(PATH)) == 4


async def test_put_creates_then_replaces(staffed: County) -> None:
    body = assignment("T1", staffed.one, subject="语文", weekly_lessons=12)
    first = await staffed.call("PUT", key_of(body), json=body)
    again = assignment("T1", staffed.one, ends_on="2021-08-31")
    second = await staffed.call("PUT", key_of(body), json=again)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["id"] == first.json()["id"]
    assert (second.json()["subject"], second.json()["ends_on"]) == (None, "2021-08-31")
    created_only = await staffed.call(
        "PUT", key_of(body), json=body, headers={"If-None-Match": "*"}
    )
    assert created_only.status_code == 412
    before = assignment("T1", staffed.one, starts_on="2020-01-01")
    overlapping = await staffed.call("PUT", key_of(before), json=before)
    assert overlapping.json()["code"] == "schools.assignment_overlaps"


async def test_the_key_stands_in_the_address_and_in_the_body(staffed: County) -> None:
    other = assignment("T2", staffed.two, role="other", starts_on="2021-01-01")
    answer = await staffed.call("PUT", key_of(assignment("T1", staffed.one)), json=other)
    assert codes(answer) == [
        (f"/{name}", "key.mismatch") for name in ("staff_no", "school_code", "role", "starts_on")
    ]


async def test_patch_keeps_what_is_not_sent(staffed: County) -> None:
    body = assignment("T1", staffed.one, role="head_teacher", class_name="三（2）班")
    made = await staffed.ok("POST", PATH, json=body)
    path = f"{PATH}/{made['id']}"
    changed = await staffed.ok("PATCH", path, json={"weekly_lessons": 10, "subject": "数学"})
    assert changed == made | {
        "weekly_lessons": 10, "subject": "数学", "version": 2, "updated_at": changed["updated_at"],
    }  # fmt: skip
    assert (await staffed.ok("PATCH", path, json={"class_name": None}))["class_name"] is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": None}, "patch.null"),
        ({"role": "head"}, "extra_forbidden"),
        ({"starts_on": "2020-10-01"}, "extra_forbidden"),
        ({"ends_on": "2020-08-31"}, "ends_on.before_start"),
        ({"class_name": "三（2）班"}, "class_name.not_head_teacher"),
        ({"weekly_lessons": "many"}, "int_type"),
    ],
)
async def test_a_patch_must_leave_a_valid_assignment(
    staffed: County, changes: dict[str, Any], code: str
) -> None:
    made = await staffed.ok("POST", PATH, json=assignment("T1", staffed.one))
    answer = await staffed.call("PATCH", f"{PATH}/{made['id']}", json=changes)
    assert (answer.status_code, codes(answer)[0][1]) == (422, code)
    assert await staffed.ok("GET", f"{PATH}/{made['id']}") == made


async def test_a_patch_must_not_meet_another_one(staffed: County) -> None:
    first = assignment("T1", staffed.one, ends_on="2021-08-31")
    made = await staffed.ok("POST", PATH, json=first)
    await staffed.ok("POST", PATH, json=assignment("T1", staffed.one, starts_on="2022-09-01"))
    path = f"{PATH}/{made['id']}"
    await staffed.ok("PATCH", path, json={"ends_on": "2022-08-31"})
    for ends_on in ("2022-09-01", None):
        answer = await staffed.call("PATCH", path, json={"ends_on": ends_on})
        assert answer.json()["code"] == "schools.assignment_overlaps"


async def test_a_precondition_is_honoured(staffed: County) -> None:
    answer = await staffed.call("POST", PATH, json=assignment("T1", staffed.one))
    path, etag = f"{PATH}/{answer.json()['id']}", answer.headers["etag"]
    stale, now = {"If-Match": '"7"'}, {"If-Match": etag}
    unchanged = await staffed.call("GET", path, headers={"If-None-Match": etag})
    assert unchanged.status_code == 304
    for method, body in (("PATCH", {"subject": "语文"}), ("DELETE", None)):
        answer = await staffed.call(method, path, json=body, headers=stale)
        assert answer.json()["code"] == "platform.precondition_failed"
    assert (await staffed.call("DELETE", path, headers=now)).status_code == 204


async def test_a_mistake_is_removed_and_stays_in_the_log(
    staffed: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    body = assignment("T1", staffed.one)
    made = await staffed.ok("POST", PATH, json=body)
    path = f"{PATH}/{made['id']}"
    await staffed.ok("PATCH", path, json={"subject": "语文"})
    history = (await staffed.ok("GET", f"{path}/history"))["data"]
    assert [entry["operation"] for entry in history] == ["update", "insert"]
    assert history[0]["changes"]["subject"] == [None, "语文"]
    assert {entry["key"] for entry in history} == {f"T1/{staffed.one}/teacher/2020-09-01"}
    assert (await staffed.call("DELETE", path)).status_code == 204
    for method in ("GET", "DELETE"):
        answer = await staffed.call(method, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "schools.assignment_not_found")
    history = (await staffed.ok("GET", f"{path}/history"))["data"]
    assert [entry["operation"] for entry in history] == ["delete", "update", "insert"]
    assert history[0]["changes"]["subject"] == ["语文", None]
    await staffed.ok("POST", PATH, json=body)
    operations = await admin.fetch(
        "select operation from schools.change_log where bureau_code = $1 "
        "and resource = 'assignments' order by id",
        staffed.bureau,
    )
    assert [row["operation"] for row in operations] == ["insert", "update", "delete", "insert"]


@pytest.fixture
async def years(staffed: County) -> County:
    """Three school years of T1, each with a role of its own, and one without an end of T2."""
    for year, role, kind in (
        (2018, "teacher", "regular"), (2019, "head_teacher", "exchange"), (2020, "dean", "regular"),
    ):  # fmt: skip
        body = assignment(
            "T1", staffed.one, role=role, kind=kind, subject="语文",
            starts_on=f"{year}-09-01", ends_on=f"{year + 1}-08-31",
        )  # fmt: skip
        await staffed.ok("POST", PATH, json=body)
    await staffed.ok("POST", PATH, json=assignment("T2", staffed.two, starts_on="2019-09-01"))
    return staffed


@pytest.mark.parametrize(
    ("query", "roles"),
    [
        ({}, {"teacher", "head_teacher", "dean", "teacher of T2"}),
        ({"staff_no": "T1"}, {"teacher", "head_teacher", "dean"}),
        ({"role": ["dean", "head_teacher"]}, {"dean", "head_teacher"}),
        ({"kind": "exchange"}, {"head_teacher"}),
        ({"subject": "语文", "starts_on_gte": "2019-09-01"}, {"head_teacher", "dean"}),
        ({"ends_on_lt": "2020-01-01"}, {"teacher"}),
        ({"on": "2018-08-31"}, set()),
        ({"on": "2018-09-01"}, {"teacher"}),
        ({"on": "2019-08-31"}, {"teacher"}),
        ({"on": "2020-08-31"}, {"head_teacher", "teacher of T2"}),
        ({"on": "2199-12-31"}, {"teacher of T2"}),
        ({"on": "2020-08-31", "staff_no": "T1", "total": "exact"}, {"head_teacher"}),
    ],
)
async def test_lists_can_be_narrowed(years: County, query: dict[str, Any], roles: set[str]) -> None:
    page = await years.ok("GET", PATH, params=query)
    suffix = {"T1": "", "T2": " of T2"}
    assert {row["role"] + suffix[row["staff_no"]] for row in page["data"]} == roles
    if "total" in query:
        assert page["total"] == len(roles)


@pytest.mark.parametrize("on", ["", "yesterday", "2020-02-30", "0001-01-01", "9999-12-31"])
async def test_a_day_that_is_none_is_refused(county: County, on: str) -> None:
    answer = await county.call("GET", PATH, params={"on": on})
    assert answer.status_code == 422
    assert codes(answer)[0][0] == "/on"


@pytest.mark.parametrize("sort", ["staff_no", "-starts_on", "created_at"])
async def test_pages_of_those_in_force_give_each_once(years: County, sort: str) -> None:
    query = {"on": "2020-06-01", "sort": sort, "limit": 1}
    rows = await years.all(PATH, **query)
    assert sorted(row["staff_no"] for row in rows) == ["T1", "T2"]
    cursor = (await years.ok("GET", PATH, params=query))["next_cursor"]
    other = query | {"cursor": cursor, "on": "2020-06-02"}
    answer = await years.call("GET", PATH, params=other)
    assert answer.json()["code"] == "platform.cursor_invalid"


async def test_exports_hold_the_names(years: County) -> None:
    listed = await years.all(PATH, sort="starts_on")
    for row in listed:
        del row["etag"]
    lines = (await years.call("GET", f"{PATH}?format=ndjson&sort=starts_on")).text
    assert [json.loads(line) for line in lines.splitlines()] == listed
    query = {"format": "csv", "on": "2020-06-01", "fields": "name,role,school_name"}
    table = read_csv((await years.call("GET", PATH, params=query)).text)
    assert {(row["name"], row["role"]) for row in table} == {
        ("王小明", "head_teacher"), ("员工T2", "teacher"),
    }  # fmt: skip


async def test_its_etag_follows_the_names_that_it_shows(staffed: County) -> None:
    body = assignment("T1", staffed.two)
    made = await staffed.call("POST", PATH, json=body)
    known = {"If-None-Match": made.headers["etag"]}
    path = f"{PATH}/{made.json()['id']}"
    assert (await staffed.call("GET", path, headers=known)).status_code == 304
    await staffed.ok("PATCH", "/v1/staff/by-key/T1", json={"name": "王大明"})
    renamed = await staffed.call("GET", path, headers=known)
    assert (renamed.status_code, renamed.json()["name"]) == (200, "王大明")
    headers = {"If-Match": made.headers["etag"]}
    answer = await staffed.call("PATCH", path, json={"weekly_lessons": 3}, headers=headers)
    assert answer.status_code == 200, "it is the same row at the same version"


async def test_one_that_was_removed_and_made_again_is_another_row(staffed: County) -> None:
    body = assignment("T1", staffed.two)
    made = await staffed.call("POST", PATH, json=body)
    old = {"If-Match": made.headers["etag"]}
    path, key = f"{PATH}/{made.json()['id']}", key_of(made.json())
    assert (await staffed.call("DELETE", path)).status_code == 204
    await staffed.ok("PUT", key, json=body | {"weekly_lessons": 9})
    answer = await staffed.call("PUT", key, json=body, headers=old)
    assert answer.status_code == 412
    assert (await staffed.ok("GET", key))["weekly_lessons"] == 9


async def test_a_person_written_as_they_are_stays_at_their_version(staffed: County) -> None:
    path = "/v1/staff/by-key/T1"
    before = await staffed.call("GET", path)
    for method, body in (("PATCH", {}), ("PUT", person("T1", staffed.one, 1, name="王小明"))):
        after = await staffed.call(method, path, json=body)
        assert (after.headers["etag"], after.json()) == (before.headers["etag"], before.json())
