"""The rule on working age reveals no birth date to callers who cannot read it.

If it compared a stored birth date with any date that a caller sends, a binary search would find
the birth date within sixteen requests.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.schools.county import County, csv_of, id_number, person
from tests.schools.guessing.people import numbered
from tests.support.importing import counts

BORN = {"T1": date(1985, 3, 8), "T2": date(1993, 11, 20)}
MASK = "*" * 18
UNDER_AGE = "employed_on.under_age"
Who = dict[str, Any]
# Someone who writes records and does not read them, such as a narrow interface of another system.
ONLY_WRITES: Who = {"role": "integration", "subject": {"scopes": ["staff:write", "imports:write"]}}


@pytest.fixture
async def two(county: County) -> County:
    """T1 and T2 of the first school, whose birth dates are eight years apart."""
    rows = [
        person(staff_no, county.one, 0, id_number=numbered(born, 3), employed_on="2015-09-01")
        for staff_no, born in BORN.items()
    ]
    assert counts(await county.load("staff", csv_of(rows))) == (2, 0, 0, 0)
    return county


def readers(county: County) -> list[Who]:
    """Callers without `staff:pii` who read and write records."""
    officer = {"schools": [county.one], "name": "officer"}
    return [{"role": "integration"}, {"role": "school_officer", "subject": officer}]


def days_around(born: date) -> list[str]:
    """Days on which a person is far too young, just too young, just old enough and grown up."""
    of_age = born.replace(year=born.year + 16)
    days = (born - timedelta(1), of_age - timedelta(1), of_age, date(2015, 9, 2))
    return [day.isoformat() for day in days]


async def patched(county: County, staff_no: str, who: Who, **changes: Any) -> tuple[int, list[str]]:
    """Status and faults of a change."""
    path = f"/v1/staff/by-key/{staff_no}"
    answer = await county.call("PATCH", path, json=changes, **who)
    return answer.status_code, [one["code"] for one in answer.json().get("errors", [])]


async def tried(county: County, staff_no: str, day: str, who: Who) -> list[Any]:
    """What imports of a first day tell, with the masked number and without any, dry and stored."""
    found = []
    for number in ({}, {"id_number": MASK}):
        rows = csv_of([{"staff_no": staff_no, "employed_on": day, **number}])
        for is_dry in (True, False):
            for mode in ("valid_rows", "all_or_nothing"):
                job = await county.load("staff", rows, mode=mode, dry_run=is_dry, **who)
                progress = (job["progress"]["failed"], job["progress"]["created"])
                found.append((job["state"], progress, job["faults"]))
    return found


@pytest.mark.parametrize("staff_no", BORN)
async def test_who_only_writes_learns_nothing_by_a_first_day(two: County, staff_no: str) -> None:
    answers = []
    for day in days_around(BORN[staff_no]):
        answers.append(await tried(two, staff_no, day, ONLY_WRITES))
        assert await patched(two, staff_no, ONLY_WRITES, employed_on=day) == (200, [])
    assert all(one == answers[0] for one in answers)
    assert all(state == "completed" and not faults for state, _, faults in answers[0])


async def test_a_number_sent_alone_is_not_weighed_for_who_only_writes(two: County) -> None:
    young = numbered(date(2005, 6, 1), 5)
    assert await patched(two, "T1", ONLY_WRITES, id_number=young) == (200, [])
    rows = csv_of([{"staff_no": "T1", "id_number": young}])
    job = await two.load("staff", rows, dry_run=True, **ONLY_WRITES)
    assert (job["state"], job["faults"]) == ("completed", [])


async def test_two_values_of_one_request_are_compared_for_everybody(two: County) -> None:
    number = numbered(date(2005, 6, 1), 5)
    too_early = {"id_number": number, "employed_on": "2021-05-31"}
    of_age = {"id_number": number, "employed_on": "2021-06-01"}
    for who in (ONLY_WRITES, *readers(two)):
        assert await patched(two, "T1", who, **too_early) == (422, [UNDER_AGE])
        assert await patched(two, "T1", who, **of_age) == (200, [])
        for row, faults in ((too_early, [(2, "employed_on", UNDER_AGE)]), (of_age, [])):
            rows = csv_of([{"staff_no": "T2", **row}])
            assert (await two.load("staff", rows, dry_run=True, **who))["faults"] == faults


@pytest.mark.parametrize("at", [0, 1])
async def test_a_fault_tells_the_birth_date_that_the_caller_reads(two: County, at: int) -> None:
    who = readers(two)[at]
    for staff_no, born in BORN.items():
        read = await two.ok("GET", f"/v1/staff/by-key/{staff_no}", **who)
        assert read["birth_date"] == born.isoformat()
        path = f"/v1/staff/by-key/{staff_no}"
        too_early = {"employed_on": days_around(born)[1]}
        refused = await two.call("PATCH", path, json=too_early, **who)
        (fault,) = refused.json()["errors"]
        assert (fault["code"], fault["params"]["earlier"]) == (UNDER_AGE, read["birth_date"])
        (dry, *_) = await tried(two, staff_no, too_early["employed_on"], who)
        assert dry[2] == [(2, "employed_on", UNDER_AGE)]


@pytest.mark.parametrize("at", [0, 1])
async def test_the_number_that_is_tried_is_compared_and_not_the_stored_one(
    two: County, at: int
) -> None:
    """A request with both values gets the same answer whatever birth date is stored."""
    who = readers(two)[at]
    for born in BORN.values():
        number = numbered(born, 7)
        for day in days_around(born):
            row = {"id_number": number, "employed_on": day}
            answers = [await patched(two, staff_no, who, **row) for staff_no in BORN]
            assert answers[0] == answers[1], day
            jobs = [
                await two.load("staff", csv_of([{"staff_no": one, **row}]), dry_run=True, **who)
                for one in BORN
            ]
            assert jobs[0]["faults"] == jobs[1]["faults"], day


@pytest.mark.parametrize("is_restricted", [True, False], ids=["restricted", "of another school"])
async def test_the_record_of_somebody_out_of_sight_is_not_compared(
    two: County, is_restricted: bool
) -> None:
    who = readers(two)[1]
    for staff_no in BORN:
        if is_restricted:
            row = await two.ok("GET", f"/v1/staff/by-key/{staff_no}")
            reason = {"reason": "本人要求限制处理"}
            await two.ok("POST", f"/v1/staff/{row['id']}:restrict", json=reason)
        else:
            moved = {"school_code": two.two}
            await two.ok("PATCH", f"/v1/staff/by-key/{staff_no}", json=moved)
    answers = []
    for staff_no, born in BORN.items():
        for day in days_around(born):
            seen = [await patched(two, staff_no, who, employed_on=day)]
            seen += await tried(two, staff_no, day, who)
            answers.append(seen)
    assert all(one == answers[0] for one in answers)
    assert answers[0][0] == (404, [])
    assert UNDER_AGE not in str(answers)


async def test_a_change_of_something_else_does_not_weigh_what_is_stored(two: County) -> None:
    """Other fields of records older than the rule can be changed: only sent values are judged."""
    await patched(two, "T1", ONLY_WRITES, employed_on="1999-09-01")
    for who in ({}, *readers(two)):
        assert await patched(two, "T1", who, duty="教师") == (200, [])
        rows = csv_of([{"staff_no": "T1", "duty": "校长", "id_number": MASK}])
        job = await two.load("staff", rows, dry_run=True, **who)
        assert (counts(job), job["faults"]) == ((0, 1, 0, 0), [])
    assert await patched(two, "T1", {}, id_number=id_number(44 * 336 * 1000)) == (422, [UNDER_AGE])
