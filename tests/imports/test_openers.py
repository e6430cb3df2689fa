"""Whose an import is: its opener sends the file and commits it, and what others do names them."""

from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.imports.driving import end_of, opened, people, put, read
from tests.schools.county import County
from tests.support.answers import status_and_code
from tests.support.importing import Job, counts
from tests.support.tokens import bearer

AUDITED = """
select actor, changes::jsonb ->> 'action' as action from schools.change_log
where row_id = $1 and operation = 'access' order by id
"""
WRITTEN = """
select distinct actor from schools.change_log
where bureau_code = $1 and resource = 'staff' and operation <> 'access'
"""


def colleague(county: County, role: str = "bureau_admin", **subject: Any) -> dict[str, str]:
    """Somebody else of the bureau with the same rights."""
    return bearer(role, bureau=county.bureau, name="colleague", **subject)


async def sent_by_colleague(county: County, job: Job, **headers: str) -> httpx.Response:
    """The file of an import, sent by somebody else."""
    path, sender = f"/v1/imports/{job['id']}/content", colleague(county) | headers
    return await county.client.put(path, content=people(county), headers=sender)


@pytest.mark.parametrize("headers", [{}, {"Content-Range": "bytes 0-9/20"}])
async def test_nobody_else_sends_the_file_or_a_piece_of_it(
    county: County, headers: dict[str, str]
) -> None:
    job = await opened(county)
    answer = await sent_by_colleague(county, job, **headers)
    assert status_and_code(answer) == (403, "import.not_yours")
    assert "tester" in answer.json()["detail"]
    assert (await read(county, job))["received"] == 0
    assert await county.all("/v1/staff") == []
    await put(county, job, people(county))
    assert counts(await end_of(county, job)) == (20, 0, 0, 0)


async def test_nobody_else_commits_a_dry_run(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    job = await county.load("staff", people(county), dry_run=True)
    path = f"/v1/imports/{job['id']}:commit"
    headers = colleague(county) | {"Idempotency-Key": uuid4().hex}
    assert status_and_code(await county.client.post(path, headers=headers)) == (
        403,
        "import.not_yours",
    )
    assert await county.all("/v1/staff") == []
    await county.ok("POST", path)
    assert counts(await end_of(county, job)) == (20, 0, 0, 0)
    rows = await admin.fetch(WRITTEN, county.bureau)
    assert [row["actor"] for row in rows] == ["tester"]


async def test_it_is_carried_out_with_the_rights_that_its_sender_has_by_then(
    county: County,
) -> None:
    """An account that was the bureau's when it opened, and is a school's when it sends."""
    job = await opened(county)
    school = bearer("school_officer", bureau=county.bureau, schools=[county.two])
    path = f"/v1/imports/{job['id']}/content"
    answer = await county.client.put(path, content=people(county), headers=school)
    assert answer.status_code == 202, answer.text
    ended = await end_of(county, job)
    assert (ended["state"], ended["progress"]["created"]) == ("failed", 0)
    assert ended["faults"]["by_code"] == {"school.unknown": 20}


async def test_others_call_it_off_and_remove_its_file_in_their_own_name(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    cancelled = await opened(county)
    done = await county.load("staff", people(county))
    for method, path in (
        ("POST", f"/v1/imports/{cancelled['id']}:cancel"),
        ("DELETE", f"/v1/imports/{done['id']}/content"),
    ):
        answer = await county.client.request(method, path, headers=colleague(county))
        assert answer.is_success, answer.text
    assert ("colleague", "import_cancel") in await audited(admin, cancelled)
    found = await audited(admin, done)
    assert ("colleague", "import_discard") in found
    assert {("tester", "import_begin"), ("tester", "import")} <= set(found)
    rows = await admin.fetch(WRITTEN, county.bureau)
    assert [row["actor"] for row in rows] == ["tester"]


@pytest.mark.parametrize("mode", ["valid_rows", "all_or_nothing"])
async def test_its_end_names_the_importer_whatever_the_mode(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]", mode: str
) -> None:
    for content in (people(county), people(county, 1) + b"T9,,,,,\r\n"):
        job = await county.load("staff", content, mode=mode)
        assert {actor for actor, _ in await audited(admin, job)} == {"tester"}


@pytest.mark.parametrize("what", ["faults", "failed-rows", "applied-rows"])
async def test_what_others_fetch_is_recorded_in_their_name(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]", what: str
) -> None:
    job = await county.load("staff", people(county, 3) + b"T9,,,,,\r\n", mode="valid_rows")
    path = f"/v1/imports/{job['id']}/{what}"
    answer = await county.client.get(path, headers=colleague(county, "integration"))
    assert status_and_code(answer) == (403, "auth.missing_scope")
    answer = await county.client.get(path, headers=colleague(county))
    assert answer.status_code == 200
    assert ("colleague", what.replace("-", "_")) in await audited(admin, job)


async def test_assignments_of_restricted_persons_are_not_fetched_by_others(
    county: County,
) -> None:
    """Who sees them may import them; the file holds them in full."""
    job = await county.load("assignments", "staff_no,school_code,role,starts_on\n", dry_run=True)
    path = f"/v1/imports/{job['id']}/faults"
    answer = await county.client.get(path, headers=colleague(county, "integration"))
    assert status_and_code(answer) == (403, "auth.missing_scope")


async def audited(admin: Any, job: Job) -> list[tuple[str, str]]:
    """Who did what to an import."""
    return [(row["actor"], row["action"]) for row in await admin.fetch(AUDITED, job["id"])]
