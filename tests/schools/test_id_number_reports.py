"""ID numbers given without `staff:pii`: recorded when free, otherwise reported to the bureau."""

import asyncio
import json
from collections import Counter
from types import SimpleNamespace
from typing import Any, TypeAlias

import asyncpg
import pytest

from services.chassis.core.settings import Settings
from services.chassis.database.db import Database
from services.schools.main import app
from services.schools.personal_data.jobs import clear_reports
from tests.schools.county import County, codes, id_number, person
from tests.schools.reports import (
    INTEGRATION,
    PURPOSE,
    number_of,
    officer,
    report_rows,
    reports,
    settled,
)

Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture
async def two(county: County) -> County:
    """T1 at the first school and T2 at the second, with numbers 1 and 2."""
    await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1))
    await county.ok("POST", "/v1/staff", json=person("T2", county.two, 2))
    return county


def shape(row: dict[str, Any]) -> dict[str, Any]:
    """An answer without what differs from person to person."""
    return row | dict.fromkeys(("id", "staff_no", "name", "created_at", "updated_at", "birth_date"))


async def test_a_new_person_is_written_whether_the_number_is_free_or_held(two: County) -> None:
    free = await two.ok("POST", "/v1/staff", json=person("T3", two.one, 4), **officer(two))
    held = await two.ok("POST", "/v1/staff", json=person("T4", two.one, 2), **officer(two))
    assert shape(free) == shape(held)
    assert await number_of(two, "T3") == id_number(4)
    assert await number_of(two, "T4") is None
    assert await number_of(two, "T2") == id_number(2)
    assert await report_rows(two) == [("T4", "taken", "T2", "open")]


@pytest.mark.parametrize("given", [1, 2, 3], ids=["their own", "another person's", "a free one"])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_the_number_of_a_registered_person_is_compared_and_not_applied(
    two: County, method: str, given: int
) -> None:
    before = await two.ok("GET", "/v1/staff/by-key/T1", **INTEGRATION)
    body = {"id_number": id_number(given)}
    if method == "PUT":
        body = person("T1", two.one, given)
    answer = await two.call(method, "/v1/staff/by-key/T1", json=body, **INTEGRATION)
    assert (answer.status_code, answer.json()) == (200, before)
    assert await number_of(two, "T1") == id_number(1)
    expected = {1: [], 2: [("T1", "taken", "T2", "open")], 3: [("T1", "differs", None, "open")]}
    assert await report_rows(two) == expected[given]


async def test_other_fields_are_applied_beside_a_number_that_is_not(two: County) -> None:
    body = person("T1", two.one, 3, duty="校长")
    row = await two.ok("PUT", "/v1/staff/by-key/T1", json=body, **officer(two))
    assert (row["duty"], row["version"]) == ("校长", 2)
    row = await two.ok("PATCH", "/v1/staff/by-key/T1", json={"duty": None}, **officer(two))
    assert (row["duty"], row["version"]) == (None, 3)
    assert len(await reports(two)) == 1, "a number is reported once"


async def test_a_person_without_a_recorded_number_can_be_changed(two: County) -> None:
    await two.ok("POST", "/v1/staff", json=person("T4", two.one, 2), **officer(two))
    row = await two.ok("PATCH", "/v1/staff/by-key/T4", json={"duty": "教师"}, **officer(two))
    assert (row["duty"], row["version"]) == ("教师", 2)
    # Were a free number applied now, the birth date would tell that the first one was not.
    number = {"id_number": id_number(400_003)}
    again = await two.ok("PATCH", "/v1/staff/by-key/T4", json=number, **officer(two))
    assert again == row
    assert await report_rows(two) == [
        ("T4", "taken", "T2", "open"),
        ("T4", "differs", None, "open"),
    ]


@pytest.mark.quick("services.schools.id_number_reports")
async def test_accepting_records_the_number_with_all_that_follows_from_it(two: County) -> None:
    number = id_number(400_003)
    await two.ok("PATCH", "/v1/staff/by-key/T1", json={"id_number": number}, **officer(two))
    (report,) = await reports(two)
    assert (report["reported_by"], report["school_code"]) == ("officer", two.one)
    shown = await two.ok("POST", f"/v1/id-number-reports/{report['id']}:reveal", json=PURPOSE)
    assert shown == {"staff_no": "T1", "id_number": number}
    answer = await settled(two, report, "accept", headers={"If-Match": report["etag"]})
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    row = await two.ok("GET", "/v1/staff/by-key/T1")
    born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    assert (row["birth_date"], row["version"]) == (born, 2)
    assert await number_of(two, "T1") == number


async def test_accepting_is_refused_while_another_person_holds_the_number(two: County) -> None:
    await two.ok("POST", "/v1/staff", json=person("T4", two.one, 2), **officer(two))
    (report,) = await reports(two)
    refused = await settled(two, report, "accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "schools.id_number_held")
    assert "T2" in refused.json()["detail"]
    (held,) = await reports(two)
    assert held["allowed_verbs"] == ["dismiss"]
    await two.ok("PATCH", "/v1/staff/by-key/T2", json={"id_number": id_number(3)})
    assert (await reports(two))[0]["allowed_verbs"] == ["accept", "dismiss"]
    assert (await settled(two, report, "accept")).json()["allowed_verbs"] == []
    assert await number_of(two, "T4") == id_number(2)


async def test_a_dismissed_number_is_not_reported_again_and_can_be_accepted_later(
    two: County,
) -> None:
    change = {"id_number": id_number(3)}
    for _ in range(2):
        await two.ok("PATCH", "/v1/staff/by-key/T1", json=change, **officer(two))
    (report,) = await reports(two)
    dismissed = (await settled(two, report, "dismiss")).json()
    assert (dismissed["state"], dismissed["note"]) == ("dismissed", "原登记无误")
    again = await settled(two, report, "dismiss")
    assert (again.status_code, again.json()["code"]) == (409, "procedure.transition_refused")
    assert (
        again.json()["errors"][0]["params"]["allowed"] == ["accept"] == dismissed["allowed_verbs"]
    )
    await two.ok("PATCH", "/v1/staff/by-key/T1", json=change, **officer(two))
    assert len(await reports(two)) == 1
    assert (await settled(two, report, "accept")).status_code == 200
    assert (await settled(two, report, "accept")).status_code == 409
    # Changed back since, the same number is news again.
    await two.ok("PATCH", "/v1/staff/by-key/T1", json={"id_number": id_number(1)})
    await two.ok("PATCH", "/v1/staff/by-key/T1", json=change, **officer(two))
    assert [row["state"] for row in await reports(two)] == ["accepted", "open"]


async def test_reports_are_the_bureaus_alone(two: County) -> None:
    await two.ok("POST", "/v1/staff", json=person("T4", two.one, 2), **officer(two))
    (report,) = await reports(two)
    path = f"/v1/id-number-reports/{report['id']}"
    for method, address, body in (
        ("GET", "/v1/id-number-reports", None),
        ("GET", path, None),
        ("POST", f"{path}:reveal", PURPOSE),
        ("POST", f"{path}:accept", None),
        ("POST", f"{path}:dismiss", {"reason": "原登记无误"}),
    ):
        for who in (officer(two), INTEGRATION, {"role": "bureau_leader"}):
            answer = await two.call(method, address, json=body, **who)
            assert answer.json()["code"] == "auth.missing_scope", address
        # An administrator limited to a school, and one of another bureau.
        for subject in ({"schools": [two.one]}, {"bureau": "999999"}):
            answer = await two.call(method, address, json=body, subject=subject)
            if address != "/v1/id-number-reports":
                assert answer.json()["code"] == "schools.id_number_report_not_found"
            elif "schools" in subject:
                assert answer.json()["code"] == "auth.sees_no_rows"
            else:
                assert answer.json()["data"] == []
    exported = await two.call("GET", "/v1/id-number-reports?format=csv")
    assert "T4,员工T4" in exported.text
    assert id_number(2) not in exported.text


@pytest.mark.parametrize("number", [2, 9], ids=["held", "free"])
async def test_a_number_twice_in_a_batch_is_a_conflict_whether_held_or_free(
    two: County, number: int
) -> None:
    people = [person("T5", two.one, number), person("T6", two.one, number)]
    answer = await two.call("POST", "/v1/staff:batch", json={"items": people}, **officer(two))
    assert (answer.status_code, codes(answer)) == (409, [("/items/1", "schools.staff_taken")])
    assert await reports(two) == []


async def test_a_batch_reports_each_number_that_is_held(two: County) -> None:
    people = [person(f"T{n}", two.one, n) for n in (11, 12)] + [person("T13", two.one, 2)]
    answer = await two.call("POST", "/v1/staff:batch", json={"items": people}, **INTEGRATION)
    assert (answer.status_code, answer.json()) == (201, {"created": 3})
    assert await report_rows(two) == [("T13", "taken", "T2", "open")]


async def test_of_two_who_give_a_number_at_once_one_holds_it(two: County) -> None:
    bodies = [person(f"T{n}", two.one, 7) for n in range(10, 18)]
    answers = await asyncio.gather(
        *(two.call("POST", "/v1/staff", json=body, **officer(two)) for body in bodies)
    )
    assert {answer.status_code for answer in answers} == {201}
    held = [no for n in range(10, 18) if await number_of(two, no := f"T{n}") is not None]
    assert len(held) == 1
    found = await report_rows(two)
    assert sorted(staff_no for staff_no, *_ in found) == sorted(
        {body["staff_no"] for body in bodies} - {*held}
    )
    assert {row[1:] for row in found} == {("taken", held[0], "open")}


async def test_the_same_report_from_many_at_once_is_one(two: County) -> None:
    change = {"id_number": id_number(3)}
    await asyncio.gather(
        *(
            two.ok("PATCH", "/v1/staff/by-key/T1", json=change, **officer(two, f"officer{n}"))
            for n in range(6)
        )
    )
    assert await report_rows(two) == [("T1", "differs", None, "open")]


async def test_search_copy_and_erasure_reach_reported_numbers(two: County) -> None:
    gone = {"left_on": "2012-02-29", "status": "left"}
    row = await two.ok("POST", "/v1/staff", json=person("T4", two.one, 2, **gone), **officer(two))
    found = await two.ok("POST", "/v1/staff:search", json={"id_number": id_number(2)})
    assert [one["staff_no"] for one in found["data"]] == ["T2"]
    assert [one["staff_no"] for one in found["reports"]] == ["T4"]
    copy = await two.ok("GET", f"/v1/staff/{row['id']}/personal-data")
    assert copy["person"]["id_number"] is None
    assert [(one["id_number"], one["state"]) for one in copy["reported_numbers"]] == [
        (id_number(2), "open")
    ]
    assert "taken" not in json.dumps(copy), "that concerns somebody else"
    await two.ok("POST", f"/v1/staff/{row['id']}:erase", json={"reason": "本人申请"})
    assert await reports(two) == []
    found = await two.ok("POST", "/v1/staff:search", json={"id_number": id_number(2)})
    assert found["reports"] == []
    copy = await two.ok("GET", f"/v1/staff/{row['id']}/personal-data")
    assert copy["reported_numbers"] == []


async def test_every_report_is_audited_and_many_raise_an_alert(
    two: County, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.resources[Settings], "id_number_reports_alert", 2)
    for serial in (3, 4, 1, 5, 6):
        change = {"id_number": id_number(serial)}
        await two.ok("PATCH", "/v1/staff/by-key/T1", json=change, **officer(two))
    (report, *_) = await reports(two)
    await settled(two, report, "dismiss")
    trail = await actions(admin, two)
    assert trail == [
        *[("give_id_number", "T1", "officer")] * 4,  # the recorded one, too
        ("many_id_numbers_reported", None, "officer"),
        ("give_id_number", "T1", "officer"),
        ("dismiss_id_number", "T1", "tester"),
    ]


async def test_who_may_know_is_told_what_is_taken_and_that_is_audited(
    two: County, admin: Admin
) -> None:
    answer = await two.call("POST", "/v1/staff", json=person("T9", two.one, 2))
    assert (answer.status_code, answer.json()["code"]) == (409, "schools.staff_taken")
    answer = await two.call("PATCH", "/v1/staff/by-key/T1", json={"id_number": id_number(2)})
    assert answer.status_code == 409
    job = await two.load("staff", f"staff_no,id_number\nT1,{id_number(2)}\n")
    assert job["faults"] == [(2, "id_number", "id_number.taken")]
    assert await reports(two) == []
    refused = ("refused_as_taken", "tester")
    assert [(action, actor) for action, _, actor in await actions(admin, two)] == [refused] * 2


async def test_a_staff_number_that_is_taken_says_nothing_of_the_id_number(two: County) -> None:
    for serial in (1, 2, 9):
        body = person("T1", two.one, serial)
        answer = await two.call("POST", "/v1/staff", json=body, **officer(two))
        assert (answer.status_code, answer.json()["code"]) == (409, "schools.staff_taken")
        assert "身份证" not in answer.json()["title"] + answer.json()["detail"]
    assert await reports(two) == []


async def test_settled_reports_are_deleted_in_the_end(two: County, admin: Admin) -> None:
    for serial in (3, 4):
        change = {"id_number": id_number(serial)}
        await two.ok("PATCH", "/v1/staff/by-key/T1", json=change, **officer(two))
    (first, second) = await reports(two)
    await settled(two, first, "dismiss")
    await admin.execute(
        "update schools.id_number_report set settled_at = settled_at - interval '181 days' "
        "where bureau_code = $1",
        two.bureau,
    )
    context: Any = SimpleNamespace(
        database=app.state.resources[Database], resources=app.state.resources
    )
    await clear_reports(context, {})
    assert [row["id"] for row in await reports(two)] == [second["id"]]


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_new_person_costs_the_same_rows_whether_the_number_is_free_or_held(
    two: County, admin: Admin, method: str
) -> None:
    for staff_no, serial in (("T8", 2), ("T9", 4)):
        path = "/v1/staff" if method == "POST" else f"/v1/staff/by-key/{staff_no}"
        before = await written(admin, two)
        await two.ok(method, path, json=person(staff_no, two.one, serial), **officer(two))
        cost = await written(admin, two) - before
        assert cost == Counter(staff=1, id_number_report=1, change_log=2), staff_no


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_number_of_a_registered_person_costs_the_same_rows_whatever_it_is(
    two: County, admin: Admin, method: str
) -> None:
    for serial in (1, 2, 9):
        body = {"id_number": id_number(serial)}
        if method == "PUT":
            body = person("T1", two.one, serial)
        for expected in (Counter(id_number_report=1, change_log=1), Counter()):
            before = await written(admin, two)
            await two.ok(method, "/v1/staff/by-key/T1", json=body, **officer(two))
            assert await written(admin, two) - before == expected, serial


async def written(admin: Admin, county: County) -> Counter[str]:
    """How many rows there are of everything that a write of staff adds to."""
    tables = ("staff", "id_number_report", "change_log")
    count = "select count(*) from schools.{} where bureau_code = $1"
    return Counter(
        {name: await admin.fetchval(count.format(name), county.bureau) for name in tables}
    )


async def actions(admin: Admin, county: County) -> list[tuple[str, str | None, str]]:
    """What the audit trail holds of ID numbers: action, staff number, actor."""
    rows = await admin.fetch(
        "select changes ->> 'action' as action, natural_key, actor from schools.change_log "
        "where bureau_code = $1 and operation = 'access' and changes ->> 'action' ~ "
        "'id_number|refused_as' order by position, id",
        county.bureau,
    )
    return [tuple(row) for row in rows]
