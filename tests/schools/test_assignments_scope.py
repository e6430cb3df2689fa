"""Who sees and writes whose assignments, and whose names come with them."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tests.schools.county import County, assignment, codes, person, school
from tests.schools.test_personal_data import REASON

PATH = "/v1/assignments"
Subject = dict[str, Any]


@pytest.fixture
async def staffed(county: County) -> County:
    """T1 is of the first school and sent to the second one; T2 is of the second one."""
    for number, code in ((1, county.one), (2, county.two)):
        await county.ok("POST", "/v1/staff", json=person(f"T{number}", code, number))
        await county.ok("POST", PATH, json=assignment(f"T{number}", code))
    body = assignment("T1", county.two, kind="exchange", starts_on="2025-09-01")
    await county.ok("POST", PATH, json=body)
    return county


def officer(*schools: str) -> Subject:
    """Somebody who may write the staff of these schools."""
    return {"role": "school_officer", "subject": {"schools": schools}}


async def seen(county: County, **subject: Any) -> set[tuple[str, str]]:
    """Person and school of every assignment that somebody sees, in the list and one by one."""
    listed = (await county.ok("GET", f"{PATH}?total=exact", **subject))["data"]
    exported = await county.call("GET", f"{PATH}?format=ndjson", **subject)
    assert exported.text.count("\n") == len(listed)
    for row in listed:
        await county.ok("GET", f"{PATH}/{row['id']}", **subject)
    return {(row["staff_no"], row["school_code"]) for row in listed}


async def test_a_school_sees_what_is_done_at_it(staffed: County) -> None:
    assert await seen(staffed, **officer(staffed.one)) == {("T1", staffed.one)}
    here = {("T1", staffed.two), ("T2", staffed.two)}
    assert await seen(staffed, **officer(staffed.two)) == here
    both = officer(staffed.one, staffed.two)
    assert await seen(staffed, **both) == {("T1", staffed.one), *here}


async def test_the_host_school_sees_the_name_and_not_the_record(staffed: County) -> None:
    host = officer(staffed.two)
    rows = (await staffed.ok("GET", f"{PATH}?staff_no=T1", **host))["data"]
    assert [(row["name"], row["kind"]) for row in rows] == [("员工T1", "exchange")]
    assert (await staffed.call("GET", "/v1/staff/by-key/T1", **host)).status_code == 404
    assert '"T1"' not in (await staffed.call("GET", "/v1/staff?format=ndjson", **host)).text
    await staffed.ok("PATCH", "/v1/staff/by-key/T1", json={"name": "新名"})
    rows = (await staffed.ok("GET", f"{PATH}?staff_no=T1", **host))["data"]
    assert [row["name"] for row in rows] == ["新名"]


async def test_a_person_sees_own_assignments_with_the_names_of_the_schools(
    staffed: County,
) -> None:
    me: Subject = {"role": "staff", "subject": {"staff_no": "T1", "schools": [staffed.one]}}
    assert await seen(staffed, **me) == {("T1", staffed.one), ("T1", staffed.two)}
    rows = (await staffed.ok("GET", PATH, **me))["data"]
    assert {row["school_name"] for row in rows} == {
        school(staffed.one)["name"], school(staffed.two)["name"],
    }  # fmt: skip
    (other,) = (await staffed.ok("GET", f"{PATH}?staff_no=T2"))["data"]
    for path in (f"{PATH}/{other['id']}", f"{PATH}/{other['id']}/history"):
        assert (await staffed.call("GET", path, **me)).status_code == 404
    refused = await staffed.call("POST", PATH, json=assignment("T1", staffed.one), **me)
    assert refused.json()["code"] == "auth.missing_scope"


async def test_a_deleted_one_keeps_its_history_for_those_who_saw_it(staffed: County) -> None:
    (sent,) = (await staffed.ok("GET", f"{PATH}?kind=exchange"))["data"]
    assert (await staffed.call("DELETE", f"{PATH}/{sent['id']}")).status_code == 204
    path = f"{PATH}/{sent['id']}/history"
    me: Subject = {"role": "staff", "subject": {"staff_no": "T1"}}
    for subject in ({}, officer(staffed.two), officer(staffed.one, staffed.two), me):
        history = (await staffed.ok("GET", path, **subject))["data"]
        assert [entry["operation"] for entry in history] == ["delete", "insert"]
    other: Subject = {"role": "staff", "subject": {"staff_no": "T2"}}
    for subject in (officer(staffed.one), other, {"subject": {"bureau": "999993"}}):
        answer = await staffed.call("GET", path, **subject)
        assert (answer.status_code, answer.json()["code"]) == (404, "schools.assignment_not_found")
    row = await staffed.ok("GET", "/v1/staff/by-key/T1")
    await staffed.ok("POST", f"/v1/staff/{row['id']}:restrict", json=REASON)
    assert (await staffed.call("GET", path, role="supervisor")).status_code == 404
    assert (await staffed.call("GET", path)).status_code == 200


async def test_another_bureau_sees_and_writes_nothing(staffed: County) -> None:
    foreign: Subject = {"subject": {"bureau": "999993"}}
    assert await seen(staffed, **foreign) == set()
    (row,) = (await staffed.ok("GET", f"{PATH}?staff_no=T2"))["data"]
    path = f"{PATH}/{row['id']}"
    for method, body in (("GET", None), ("PATCH", {"subject": "语文"}), ("DELETE", None)):
        answer = await staffed.call(method, path, json=body, **foreign)
        assert (answer.status_code, answer.json()["code"]) == (404, "schools.assignment_not_found")
    answer = await staffed.call("POST", PATH, json=assignment("T2", staffed.two), **foreign)
    assert codes(answer) == [("/staff_no", "staff.unknown"), ("/school_code", "school.unknown")]
    del row["etag"]
    assert await staffed.ok("GET", path) == row


async def test_a_school_assigns_whoever_is_its_own(staffed: County) -> None:
    home = officer(staffed.one)
    body = assignment("T1", staffed.one, role="dean")
    made = await staffed.ok("POST", PATH, json=body, **home)
    path = f"{PATH}/{made['id']}"
    await staffed.ok("PATCH", path, json={"ends_on": "2024-08-31"}, **home)
    assert (await staffed.call("DELETE", path, **home)).status_code == 204
    away = await staffed.call("POST", PATH, json=assignment("T1", staffed.two), **home)
    assert codes(away) == [("/school_code", "school.unknown")]
    (sent,) = (await staffed.ok("GET", f"{PATH}?kind=exchange"))["data"]
    for method, change in (("PATCH", {"subject": "语文"}), ("DELETE", None)):
        answer = await staffed.call(method, f"{PATH}/{sent['id']}", json=change, **home)
        assert answer.status_code == 404


async def test_a_school_assigns_whoever_was_sent_to_it_and_no_other(staffed: County) -> None:
    host = officer(staffed.two)
    (sent,) = (await staffed.ok("GET", f"{PATH}?kind=exchange", **host))["data"]
    await staffed.ok("PATCH", f"{PATH}/{sent['id']}", json={"weekly_lessons": 12}, **host)
    body = assignment("T1", staffed.two, role="班主任", kind="exchange", class_name="三（2）班")
    made = await staffed.ok("POST", PATH, json=body, **host)
    assert made["name"] == "员工T1"
    stranger = await staffed.call(
        "POST", PATH, json=assignment("T2", staffed.one), **officer(staffed.one)
    )
    assert codes(stranger) == [("/staff_no", "staff.unknown")]


async def test_a_school_and_the_bureau_take_turns(staffed: County) -> None:
    """The lock holds whatever row security shows to each of them."""
    body = assignment("T1", staffed.two, role="head_teacher")
    callers: list[Subject] = [{}, officer(staffed.two)] * 3
    answers = await asyncio.gather(
        *(staffed.call("POST", PATH, json=body, **caller) for caller in callers)
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5


@pytest.fixture
async def restricted(staffed: County) -> County:
    """The same, with the use of T1's data restricted."""
    row = await staffed.ok("GET", "/v1/staff/by-key/T1")
    await staffed.ok("POST", f"/v1/staff/{row['id']}:restrict", json=REASON)
    return staffed


@pytest.mark.parametrize(
    "role", ["supervisor", "bureau_leader", "school_head", "school_officer", "integration"]
)
async def test_what_a_restricted_person_does_is_not_shown(restricted: County, role: str) -> None:
    assert await seen(restricted, role=role) == {("T2", restricted.two)}
    of_host = {"schools": [restricted.two]} if role.startswith("school") else {}
    assert await seen(restricted, role=role, subject=of_host) == {("T2", restricted.two)}


async def test_a_restricted_person_is_shown_to_whoever_answers_for_the_data(
    restricted: County,
) -> None:
    mine = {("T1", restricted.one), ("T1", restricted.two)}
    assert await seen(restricted) == {*mine, ("T2", restricted.two)}
    assert await seen(restricted, role="staff", subject={"staff_no": "T1"}) == mine


async def test_what_a_restricted_person_does_is_not_changed(restricted: County) -> None:
    body = assignment("T1", restricted.two, kind="exchange", starts_on="2025-09-01")
    (sent,) = (await restricted.ok("GET", f"{PATH}?kind=exchange"))["data"]
    key = f"T1/{restricted.two}/teacher/2025-09-01"
    for method, path, change in (
        ("POST", PATH, body | {"role": "dean"}),
        ("PUT", f"{PATH}/by-key/{key}", body),
        ("PATCH", f"{PATH}/{sent['id']}", {"subject": "语文"}),
        ("DELETE", f"{PATH}/{sent['id']}", None),
    ):
        answer = await restricted.call(method, path, json=change)
        assert (answer.status_code, answer.json()["code"]) == (409, "schools.staff_restricted")


async def test_to_a_school_a_restricted_person_is_nobody(restricted: County) -> None:
    body = assignment("T1", restricted.two, kind="exchange", starts_on="2025-09-01")
    (sent,) = (await restricted.ok("GET", f"{PATH}?kind=exchange"))["data"]
    key = f"T1/{restricted.two}/teacher/2025-09-01"
    for method, path, change, code in (
        ("POST", PATH, body | {"role": "dean"}, "staff.unknown"),
        ("PUT", f"{PATH}/by-key/{key}", body, "staff.unknown"),
        ("PATCH", f"{PATH}/{sent['id']}", {"subject": "语文"}, "schools.assignment_not_found"),
        ("DELETE", f"{PATH}/{sent['id']}", None, "schools.assignment_not_found"),
    ):
        answer = await restricted.call(method, path, json=change, **officer(restricted.two))
        assert code in answer.text, (method, answer.text)
        assert "restricted" not in answer.text


async def test_a_persons_copy_holds_the_assignments(restricted: County) -> None:
    row = await restricted.ok("GET", "/v1/staff/by-key/T1")
    copy = await restricted.ok("GET", f"/v1/staff/{row['id']}/personal-data")
    listed = await restricted.all(PATH, staff_no="T1", sort="starts_on")
    assert [one["school_code"] for one in listed] == [restricted.one, restricted.two]
    for one, row in zip(copy["assignments"], listed, strict=True):
        shown = {name: value for name, value in one.items() if not name.endswith("_at")}
        assert row.items() >= shown.items()
        assert row.keys() - shown.keys() == {"created_at", "updated_at", "etag"}


async def test_no_name_is_left_after_erasure(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    gone = {"left_on": "2012-06-30", "status": "left", "name": "欧阳测试人"}
    made = await county.ok("POST", "/v1/staff", json=person("T9", county.one, 9, **gone))
    body = assignment("T9", county.two, starts_on="2010-09-01")
    assert (await county.ok("POST", PATH, json=body))["name"] == "欧阳测试人"
    await county.ok("POST", f"/v1/staff/{made['id']}:erase", json=REASON)
    (row,) = (await county.ok("GET", PATH))["data"]
    assert (row["staff_no"], row["name"]) == ("T9", "(已删除)")
    stored = await admin.fetchval(
        "select to_jsonb(a)::text || (select string_agg(changes::text, '') "
        "from schools.change_log where row_id = a.id) from schools.assignment a where id = $1",
        UUID(row["id"]),
    )
    assert "欧阳测试人" not in stored
