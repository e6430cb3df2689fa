"""Imports of one resource of one bureau take turns; all others run meanwhile."""

import asyncio
import random
from itertools import pairwise
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.chassis.database.db import Database
from services.chassis.imports.engine.imports import Imports
from services.chassis.imports.engine.kind import IMPORTS
from services.chassis.operations import engine, store
from services.chassis.operations.cleanup import clear_operations
from services.chassis.operations.kind import OperationKind
from services.chassis.queue.jobs import enqueue_on
from services.schools.main import app
from tests.imports.driving import Hold, begun, cut_small, end_of, opened, people, put, read
from tests.schools.county import County, csv_of, school
from tests.support.importing import counts


async def test_the_next_begins_when_the_one_before_has_ended(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await opened(county)
    hold = Hold(monkeypatch, first, "stage")
    late = await opened(county)  # opened early, and its file comes last
    await put(county, first, people(county))
    await hold.reached()
    others = [await begun(county, people(county, 20 + n)) for n in range(3)]
    await put(county, late, people(county))
    await asyncio.sleep(0.3)
    jobs = [await read(county, job) for job in (first, *others, late)]
    assert [job["state"] for job in jobs] == ["validating", *["queued"] * 4]
    hold.let_go()
    jobs = [await end_of(county, job) for job in jobs]
    assert [job["state"] for job in jobs] == ["completed"] * 5
    for before, after in pairwise(jobs):
        assert before["finished_at"] <= after["started_at"]
    assert [counts(job)[0] for job in jobs] == [20, 0, 1, 1, 0]


async def test_other_resources_and_bureaus_do_not_wait(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await opened(county)
    hold = Hold(monkeypatch, first, "stage")
    await put(county, first, people(county))
    await hold.reached()
    schools = await county.load("schools", csv_of([school(county.code(7))]))
    assert counts(schools) == (1, 0, 0, 0)
    other = County(county.client, f"{random.randrange(500_000, 600_000)}")
    await other.ok("POST", "/v1/schools", json=school(other.one))
    assert counts(await other.load("staff", people(other))) == (20, 0, 0, 0)
    assert (await read(county, first))["state"] == "validating"
    hold.let_go()
    assert counts(await end_of(county, first)) == (20, 0, 0, 0)


async def test_the_turn_of_one_that_is_called_off_passes_on(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await opened(county), await opened(county)
    hold = Hold(monkeypatch, first, "stage")
    taken: list[str] = []
    its_turn, is_off = asyncio.Event(), asyncio.Event()
    take = store.claim

    async def slowly(
        connection: Any, kind: OperationKind, job_id: UUID, carrier: int, **values: Any
    ) -> Any:
        if str(job_id) == second["id"] and str(job_id) in taken:
            its_turn.set()
            await is_off.wait()
        found = await take(connection, kind, job_id, carrier, **values)
        taken.append(str(job_id))
        return found

    monkeypatch.setattr(engine, "claim", slowly)
    await put(county, first, people(county))
    await hold.reached()
    await put(county, second, people(county))
    third = await begun(county, people(county))
    while third["id"] not in taken:  # and was sent back to wait
        await asyncio.sleep(0.02)
    hold.let_go()
    await asyncio.wait_for(its_turn.wait(), 20)
    await county.ok("POST", f"/v1/imports/{second['id']}:cancel")
    is_off.set()
    assert (await end_of(county, third))["state"] == "completed"


async def test_a_turn_that_is_announced_twice_is_taken_once(
    county: County,
    admin: "asyncpg.Connection[asyncpg.Record]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = await opened(county)
    hold = Hold(monkeypatch, job, "_judge")
    await put(county, job, people(county))
    await hold.reached()
    taken, take = asyncio.Event(), store.claim

    async def noticed(connection: Any, kind: OperationKind, *args: Any, **values: Any) -> Any:
        found = await take(connection, kind, *args, **values)
        assert found is None
        taken.set()
        return found

    monkeypatch.setattr(engine, "claim", noticed)
    async with app.state.resources[Database].connection(None) as connection:
        await enqueue_on(connection, "schools", IMPORTS.run_job, {"import": job["id"]})
    await asyncio.wait_for(taken.wait(), 20)
    hold.let_go()
    assert counts(await end_of(county, job)) == (20, 0, 0, 0)
    runs = await admin.fetchval("select run from schools.import_job where id = $1", job["id"])
    assert runs == 1


async def test_one_that_nobody_carries_on_ends_as_failed_and_holds_nobody_up(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    lost = await county.load("staff", people(county, 3))
    await admin.execute(
        "update schools.import_job set state = 'loading', finished_at = null, "
        "updated_at = now() - interval '6 minutes' where id = $1",
        lost["id"],
    )
    second, third = [await begun(county, people(county)) for _ in range(2)]
    await asyncio.sleep(0.3)
    assert {(await read(county, job))["state"] for job in (second, third)} == {"queued"}
    await clear_operations(app.state.resources[Imports])
    lost = await read(county, lost)
    assert (lost["state"], lost["problem"]["code"]) == ("failed", "import.given_up")
    assert lost["progress"]["created"] == 3, "what it has stored is counted"
    assert counts(await end_of(county, second)) == (17, 0, 3, 0)
    assert counts(await end_of(county, third)) == (0, 0, 20, 0)


_LOCK = "select from schools.staff where bureau_code = $1 and staff_no = $2 for update"
# Whether somebody waits for this transaction to end.
_WAITS = """
select exists (select from pg_locks
    where not granted and transactionid::text = pg_current_xact_id()::text)
"""


@pytest.mark.parametrize("mode", ["valid_rows", "all_or_nothing"])
async def test_an_import_that_gives_way_to_another_writer_tries_again(
    county: County,
    admin: "asyncpg.Connection[asyncpg.Record]",
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
) -> None:
    await county.load("staff", people(county))
    content = people(county, name="改名")
    if mode == "all_or_nothing":  # otherwise one part has both rows
        cut_small(monkeypatch, content)
    await admin.execute("set deadlock_timeout = '1min'")
    async with admin.transaction():
        await admin.execute(_LOCK, county.bureau, "T0019")
        job = await begun(county, content, mode=mode)
        while not await admin.fetchval(_WAITS):
            await asyncio.sleep(0.02)
        await admin.execute(_LOCK, county.bureau, "T0000")
    ended = await end_of(county, job)
    assert (ended["state"], counts(ended)) == ("completed", (0, 20, 0, 0))
    runs = await admin.fetchval("select run from schools.import_job where id = $1", job["id"])
    assert runs == 2
