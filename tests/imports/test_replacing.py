"""`replace` removes what its caller sees and could remove, and leaves and reports all else."""

import json
from datetime import date
from typing import Any

import pytest

from tests.imports.driving import Hold, admin_of, end_of, opened, put, read
from tests.schools.county import County, assignment, csv_of, ndjson_of, person, school
from tests.support.importing import Job, counts
from tests.support.tokens import bearer

REASON = {"reason": "本人书面要求"}
RESTRICTED = ("T8", "T9")
NEXT_YEAR = f"{date.today().year + 1}-09-01"  # noqa: DTZ011 -- any day next year
# Who may write staff and assignments: the first of them sees restricted persons.
ROLES = ["bureau_admin", "integration", "school_officer"]


def as_(county: County, role: str) -> dict[str, Any]:
    """Somebody of this role."""
    schools = {"subject": {"schools": [county.one]}} if role == "school_officer" else {}
    return {"role": role, **schools}


@pytest.fixture
async def town(county: County) -> County:
    """Ten people with assignments at the first school and one at the second, two restricted."""
    people = [person(f"T{n}", county.one, n) for n in range(10)]
    people.append(person("E1", county.two, 20))
    await county.load("staff", csv_of(people))
    at = [assignment(row["staff_no"], row["school_code"]) for row in people]
    await county.load("assignments", csv_of(at))
    for staff_no in RESTRICTED:
        await restrict(county, staff_no)
    return county


async def restrict(county: County, staff_no: str) -> None:
    """Have somebody's data kept only."""
    found = await county.ok("GET", f"/v1/staff/by-key/{staff_no}")
    await county.ok("POST", f"/v1/staff/{found['id']}:restrict", json=REASON)


async def exported(county: County, resource: str, role: str) -> list[dict[str, Any]]:
    """What somebody's export of a resource holds."""
    answer = await county.call("GET", f"/v1/{resource}?format=ndjson", **as_(county, role))
    return [json.loads(line) for line in answer.text.splitlines()]


async def replace(
    county: County, resource: str, rows: list[dict[str, Any]], role: str, **options: Any
) -> Job:
    """Replace a resource by these rows."""
    options = {"operation": "replace", **options, **as_(county, role)}
    return await county.load(resource, ndjson_of(rows), "rows.ndjson", **options)


async def everything(county: County) -> dict[str, list[dict[str, Any]]]:
    """All that the bureau has, as those see it who see all."""
    resources = ("schools", "staff", "assignments")
    return {one: await county.all(f"/v1/{one}", limit=1000) for one in resources}


@pytest.mark.parametrize(
    ("resource", "role"),
    [(one, role) for role in ROLES for one in ("staff", "assignments")]
    + [("schools", role) for role in ROLES[:2]],  # the others write none
)
async def test_what_somebody_exports_replaces_itself(
    town: County, resource: str, role: str
) -> None:
    """What the list shows is what counts as there: nothing is missing, nothing is new."""
    before = await everything(town)
    rows = await exported(town, resource, role)
    assert rows
    for dry_run in (True, False):
        job = await replace(town, resource, rows, role, dry_run=dry_run, allow_shrink=True)
        assert (job["state"], job["faults"]) == ("completed", []), job["problem"]
        assert counts(job) == (0, 0, len(rows), 0)
        assert (job["progress"]["removed"], job["progress"]["kept"]) == (0, {})
    assert await everything(town) == before


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("resource", ["staff", "assignments"])
async def test_nothing_of_a_restricted_person_is_removed(
    town: County, resource: str, role: str
) -> None:
    before = await everything(town)
    rows = [row for row in await exported(town, resource, role) if row["staff_no"] != "T7"]
    rows = [row for row in rows if row["staff_no"] not in RESTRICTED]
    for dry_run in (True, False):
        job = await replace(town, resource, rows, role, dry_run=dry_run)
        assert (job["state"], job["progress"]["removed"]) == ("completed", 1), job["problem"]
        # Only those are told of restricted persons who see them.
        shown = {"restricted": 2} if role == "bureau_admin" else {}
        assert job["progress"]["kept"] == shown
    after = await everything(town)
    changed = [row for row in before[resource] if row not in after[resource]]
    assert [row["staff_no"] for row in changed] == ["T7"]


async def test_of_a_fifth_only_what_can_be_removed_counts(town: County) -> None:
    """Eight assignments can be removed: one more than a fifth of them is too much."""
    rows = await exported(town, "assignments", "school_officer")
    assert len(rows) == 8
    job = await replace(town, "assignments", rows[:6], "school_officer")
    assert (job["state"], job["problem"]["code"]) == ("failed", "import.would_shrink")
    assert "8" in job["problem"]["detail"]
    assert "10" not in job["problem"]["detail"]
    job = await replace(town, "assignments", rows[:7], "school_officer")
    assert (job["state"], job["progress"]["removed"]) == ("completed", 1)


async def test_of_restricted_persons_others_are_not_told_by_the_import_of_who_sees_them(
    town: County,
) -> None:
    rows = await exported(town, "staff", "integration")
    job = await replace(town, "staff", rows, "bureau_admin")
    assert job["progress"]["kept"] == {"restricted": 2}
    path = f"/v1/imports/{job['id']}"
    other = bearer("integration", bureau=town.bureau, name="somebody else")
    seen = (await town.client.get(path, headers=other)).json()
    assert seen["progress"]["kept"] == {}
    listed = (await town.client.get("/v1/imports", headers=other)).json()["data"]
    assert {one["id"]: one["progress"]["kept"] for one in listed}[job["id"]] == {}
    assert (await read(town, job))["progress"]["kept"] == {"restricted": 2}


@pytest.mark.parametrize("role", ["integration", "school_officer"])
@pytest.mark.parametrize("operation", ["upsert", "insert", "replace"])
async def test_whether_a_hidden_assignment_is_there_cannot_be_tried(
    town: County, role: str, operation: str
) -> None:
    """An equal row, a changed one and one that never was are met alike."""
    shown = []
    for changes in ({}, {"subject": "语文"}, {"starts_on": "2019-09-01"}):
        rows = [assignment("T8", town.one, **changes)]
        job = await replace(town, "assignments", rows, role, operation=operation, allow_shrink=True)
        shown.append((job["state"], counts(job), job["faults"], job["progress"]["removed"]))
    assert shown[0] == shown[1] == shown[2]
    assert shown[0] == ("failed", (0, 0, 0, 1), [(1, "staff_no", "staff.unknown")], 0)
    path = f"/v1/assignments/by-key/T8/{town.one}/teacher/2020-09-01"
    assert (await town.ok("GET", path))["version"] == 1


@pytest.mark.parametrize("resource", ["staff", "assignments"])
async def test_who_is_restricted_meanwhile_is_kept(
    town: County, monkeypatch: pytest.MonkeyPatch, resource: str
) -> None:
    rows = [r for r in await exported(town, resource, "integration") if r["staff_no"] != "T7"]
    job = await opened(town, resource, operation="replace", file_name="rows.ndjson")
    hold = Hold(monkeypatch, job, "load_whole")
    await put(town, job, ndjson_of(rows))
    await hold.reached()
    await restrict(town, "T7")
    hold.let_go()
    ended = await end_of(town, job)
    assert (ended["state"], ended["progress"]["removed"]) == ("completed", 0), ended["problem"]
    assert ended["progress"]["kept"] == {"restricted": 3}
    left = await town.all(f"/v1/{resource}", staff_no="T7")
    assert [row.get("status", "active") for row in left] == ["active"]


async def test_a_row_that_is_changed_while_its_person_is_restricted_is_refused(
    town: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [assignment(no, town.one, subject="语文") for no in ("T6", "T7")]
    job = await opened(town, "assignments", mode="valid_rows")
    hold = Hold(monkeypatch, job, "load_parts")
    await put(town, job, csv_of(rows))
    await hold.reached()
    await restrict(town, "T7")
    hold.let_go()
    ended = await end_of(town, job)
    assert counts(ended) == (0, 1, 0, 1)
    assert ended["faults"]["by_code"] == {"import.taken": 1}


async def test_schools_that_are_in_use_stay_open(county: County) -> None:
    """Of five more schools only the last closes: nobody works there and nothing belongs to it."""
    codes = {n: county.code(n) for n in (3, 4, 5, 6)}
    await county.load("schools", csv_of([school(code) for code in codes.values()]))
    point = school(county.code(7), school_type="218", parent_code=codes[5])
    await county.ok("POST", "/v1/schools", json=point)
    await county.ok("POST", "/v1/staff", json=person("T1", codes[3], 1))
    await county.ok("POST", "/v1/assignments", json=assignment("T1", codes[4]))
    rows = [school(county.one), school(county.two), point]
    tried = await replace(county, "schools", rows, "bureau_admin", dry_run=True, allow_shrink=True)
    job = await replace(county, "schools", rows, "bureau_admin", allow_shrink=True)
    for one in (tried, job):
        assert (one["progress"]["removed"], one["progress"]["kept"]) == (1, {"in_use": 3})
    closed = await county.all("/v1/schools", status="closed")
    assert [row["school_code"] for row in closed] == [codes[6]]


async def test_a_school_does_not_stay_open_for_those_whom_nobody_may_know_of(
    county: County,
) -> None:
    await county.ok("POST", "/v1/schools", json=school(county.code(3)))
    await county.ok("POST", "/v1/staff", json=person("T1", county.code(3), 1))
    await restrict(county, "T1")
    rows = [school(county.one), school(county.two)]
    job = await replace(county, "schools", rows, "integration", allow_shrink=True)
    assert (job["progress"]["removed"], job["progress"]["kept"]) == (1, {})


async def test_nobody_leaves_before_an_assignment_begins_or_before_having_come(
    county: County,
) -> None:
    people = [
        person("T1", county.one, 1),
        person("T2", county.one, 2),
        person("T3", county.one, 3, employed_on=NEXT_YEAR),
    ]
    await county.load("staff", csv_of(people))
    later = assignment("T2", county.two, starts_on=NEXT_YEAR)
    await county.ok("POST", "/v1/assignments", json=later)
    officer = as_(county, "school_officer")["role"]
    job = await replace(county, "staff", people[:1], officer, allow_shrink=True)
    assert (job["progress"]["removed"], job["progress"]["kept"]) == (1, {"in_use": 1})
    found = {row["staff_no"]: row for row in await county.all("/v1/staff")}
    assert (found["T2"]["status"], found["T3"]["status"]) == ("active", "left")
    assert found["T3"]["left_on"] == NEXT_YEAR
    headers = admin_of(county)
    path = "/v1/staff/by-key/T3"
    answer = await county.client.patch(path, json={"duty": "教师"}, headers=headers)
    assert answer.status_code == 200, "what replace leaves behind is a valid record"
