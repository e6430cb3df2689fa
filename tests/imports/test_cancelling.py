"""Imports are called off, wherever they stand."""

import asyncio
from datetime import timedelta
from typing import Any, TypeAlias

import asyncpg
import pytest

from services.chassis.imports.engine.imports import Imports
from services.chassis.operations.cleanup import clear_operations
from services.chassis.queue import jobs, worker
from services.schools.main import app
from tests.imports.driving import (
    PART_ROWS,
    Break,
    Hold,
    accounted,
    begun,
    cut_small,
    end_of,
    opened,
    people,
    put,
    read,
)
from tests.schools.county import County
from tests.support.importing import Job

NOTHING = (0, 0, 0, 0)
Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def cancel(county: County, job: Job) -> Job:
    """Call an import off."""
    answer = await county.call("POST", f"/v1/imports/{job['id']}:cancel")
    assert answer.status_code == 202, answer.text
    found: Job = answer.json()
    return found


async def is_over(county: County, job: Job) -> bool:
    """Whether the import cannot be called off any more."""
    answer = await county.call("POST", f"/v1/imports/{job['id']}:cancel")
    return (answer.status_code, answer.json()["code"]) == (409, "import.ended")


async def test_an_open_one_takes_no_file_any_more(county: County) -> None:
    job = await cancel(county, await opened(county))
    assert accounted(job) == ("cancelled", NOTHING, 0)
    assert job["finished_at"] >= job["created_at"]
    answer = await put(county, job, people(county))
    assert (answer.status_code, answer.json()["code"]) == (409, "import.not_open")
    assert await is_over(county, job)


async def test_a_queued_one_never_begins_and_holds_nobody_up(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await opened(county)
    hold = Hold(monkeypatch, first, "stage")
    await put(county, first, people(county))
    await hold.reached()
    second, third = [await begun(county, people(county)) for _ in range(2)]
    assert (await cancel(county, second))["state"] == "cancelled"
    hold.let_go()
    assert (await end_of(county, first))["state"] == "completed"
    assert accounted(await end_of(county, third)) == ("completed", (0, 0, 20, 0), 0)
    second = await read(county, second)
    assert (second["state"], second["started_at"]) == ("cancelled", None)
    assert await is_over(county, second)


@pytest.mark.parametrize("mode", ["valid_rows", "all_or_nothing"])
async def test_a_validating_one_stores_nothing(
    county: County, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    job = await opened(county, mode=mode)
    hold = Hold(monkeypatch, job, "_judge")
    await put(county, job, people(county))
    await hold.reached()
    assert (await cancel(county, job))["state"] == "validating", "it ends at its next step"
    hold.let_go()
    ended = await end_of(county, job)
    assert (ended["state"], ended["progress"]["created"]) == ("cancelled", 0)
    assert ended["problem"] is None
    assert await county.all("/v1/staff") == []
    assert await is_over(county, job)


async def test_what_valid_rows_has_stored_stays_and_is_counted(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = people(county, 3, name="旧名")
    await county.load("staff", before)
    content = people(county, 20)
    cut_small(monkeypatch, content)
    job = await opened(county, mode="valid_rows")
    hold = Hold(monkeypatch, job, "_load_part", after=1)
    await put(county, job, content)
    await hold.reached()
    await cancel(county, job)
    ended = await end_of(county, job)  # though it is held: nothing more is begun
    stored = [row for row in await county.all("/v1/staff") if row["name"] != "旧名"]
    assert accounted(ended) == ("cancelled", (PART_ROWS - 3, 3, 0, 0), 20 - PART_ROWS)
    assert len(stored) == PART_ROWS
    applied = await county.call("GET", f"/v1/imports/{job['id']}/applied-rows")
    assert (applied.status_code, applied.json()["code"]) == (410, "import.expired")
    assert await is_over(county, job)


async def test_of_all_or_nothing_it_is_nothing(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = people(county)
    cut_small(monkeypatch, content)
    job = await opened(county)
    hold = Hold(monkeypatch, job, "_apply", after=2)
    await put(county, job, content)
    await hold.reached()
    assert (await cancel(county, job))["state"] == "loading"
    hold.let_go()
    assert accounted(await end_of(county, job)) == ("cancelled", NOTHING, 20)
    assert await county.all("/v1/staff") == []
    assert await is_over(county, job)


async def test_a_completed_one_is_over(county: County) -> None:
    job = await county.load("staff", people(county, 1))
    assert await is_over(county, job)


@pytest.mark.parametrize("mode", ["valid_rows", "all_or_nothing"])
async def test_one_that_waits_to_be_tried_again_ends_at_once_and_holds_nobody_up(
    county: County, admin: Admin, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(worker, "FIRST_RETRY", timedelta(minutes=5))
    content = people(county)
    cut_small(monkeypatch, content)
    job = await opened(county, mode=mode)
    Break(monkeypatch, job, "_apply", after=1)
    await put(county, job, content)
    await until_it_waits(admin, job)
    second = await begun(county, people(county))
    # A part that was merged at the same time has been rolled back, or not.
    stored = len(await county.all("/v1/staff"))
    assert stored in ((0, PART_ROWS) if mode == "valid_rows" else (0,))
    ended = await cancel(county, job)
    assert accounted(ended) == ("cancelled", (stored, 0, 0, 0), 20 - stored)
    assert (await end_of(county, second))["progress"]["created"] == 20 - stored
    assert await is_over(county, job)
    assert await tables_of(admin, job), "its run had no time to drop them"
    await admin.execute(
        "update schools.import_job set finished_at = now() - interval '2 minutes' where id = $1",
        job["id"],
    )
    await clear_operations(app.state.resources[Imports])
    assert not await tables_of(admin, job)


async def until_it_waits(admin: Admin, job: Job) -> None:
    """Wait until the run of an import has broken off and is to be tried again."""
    waits = (
        "select exists (select from schools.pgqueuer where status = 'queued' and attempts > 0 and "
        "convert_from(payload, 'UTF8')::jsonb #>> '{payload,import}' = $1)"
    )
    while not await admin.fetchval(waits, job["id"]):
        await asyncio.sleep(0.02)


async def tables_of(admin: Admin, job: Job) -> list[Any]:
    """The tables that hold rows of an import."""
    prefix = f"import_{job['id'].replace('-', '')}_"
    return await admin.fetch("select from pg_class where starts_with(relname, $1)", prefix)


async def test_one_that_breaks_off_while_it_is_called_off_is_not_tried_again(
    county: County, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await opened(county)
    hold = Hold(monkeypatch, job, "_judge")
    await put(county, job, people(county))
    await hold.reached()
    assert (await cancel(county, job))["state"] == "validating"
    hold.fail()
    assert accounted(await end_of(county, job))[:2] == ("cancelled", NOTHING)
    runs = await admin.fetchval("select run from schools.import_job where id = $1", job["id"])
    assert runs == 1


async def test_one_whose_worker_is_silent_ends_at_once_and_stores_nothing_more(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = people(county)
    cut_small(monkeypatch, content)
    job = await opened(county, mode="valid_rows")
    hold = Hold(monkeypatch, job, "_load_part", after=1)
    await put(county, job, content)
    await hold.reached()
    monkeypatch.setattr(jobs, "LONGEST_SILENCE", timedelta())
    ended = await cancel(county, job)
    stored = ended["progress"]["created"]
    assert stored in (0, PART_ROWS), (
        "one that was being merged just then has made it, or never will"
    )
    assert accounted(ended) == ("cancelled", (stored, 0, 0, 0), 20 - stored)
    hold.let_go()
    assert (await county.load("staff", people(county)))["progress"]["unchanged"] == stored
    assert accounted(await read(county, job)) == accounted(ended)
