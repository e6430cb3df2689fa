"""Imports whose run breaks off: outages are waited out, what breaks again and again is given up."""

from datetime import timedelta
from typing import TypeAlias

import asyncpg
import pytest

from services.chassis.core.errors import Unavailable
from services.chassis.imports.engine.work import ImportWork
from services.chassis.operations import failures
from services.chassis.operations.kind import End
from services.chassis.queue import worker
from tests.imports.driving import (
    Break,
    accounted,
    begun,
    cut_small,
    end_of,
    opened,
    people,
    put,
)
from tests.schools.county import County
from tests.support.importing import counts

Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


MOST = 2


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has broken off is tried again at once, and given up sooner."""
    monkeypatch.setattr(failures, "MOST_BREAKS", MOST)
    monkeypatch.setattr(worker, "FIRST_RETRY", timedelta(milliseconds=1))
    monkeypatch.setattr(worker, "LONGEST_RETRY", timedelta(milliseconds=1))


async def runs_of(admin: Admin, job: dict[str, str]) -> int:
    """How often an import was begun."""
    runs: int = await admin.fetchval("select run from schools.import_job where id = $1", job["id"])
    return runs


async def test_what_breaks_again_and_again_is_given_up_and_holds_nobody_up(
    county: County, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await opened(county)
    Break(monkeypatch, job, "_judge")
    await put(county, job, people(county))
    second = await begun(county, people(county))
    ended = await end_of(county, job)
    assert (ended["state"], ended["problem"]["code"]) == ("failed", "import.given_up")
    assert await runs_of(admin, job) == MOST
    assert counts(await end_of(county, second)) == (20, 0, 0, 0)


async def test_what_cannot_even_write_down_why_it_has_failed_is_given_up(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_on = ImportWork.end

    async def failing(work: ImportWork, end: End) -> None:
        assert end.problem
        if end.problem["en"]["code"] != "import.given_up":
            raise asyncpg.DataError("it cannot be stored")
        await carry_on(work, end)

    monkeypatch.setattr(ImportWork, "end", failing)
    ended = await end_of(county, await begun(county, b"colour\n1\n"))
    assert (ended["state"], ended["problem"]["code"]) == ("failed", "import.given_up")


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(),
        asyncpg.CannotConnectNowError(),
        asyncpg.InterfaceError("connection is closed"),
        Unavailable(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_outage_is_waited_out_however_long_it_lasts(
    county: County, admin: Admin, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    job, outages = await opened(county), MOST
    Break(monkeypatch, job, "_judge", times=outages, error=error)
    await put(county, job, people(county))
    assert accounted(await end_of(county, job)) == ("completed", (20, 0, 0, 0), 0)
    assert await runs_of(admin, job) == outages + 1


@pytest.mark.parametrize("step", ["_load_part", "load_parts", "_judge"])
async def test_one_that_is_taken_up_again_counts_all_its_rows(
    county: County, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """What the run before has read and stored is counted with what is left."""
    monkeypatch.setattr(ImportWork, "shown_every", 0)
    content = people(county) + b"T9,,,,,\r\n"
    cut_small(monkeypatch, content)
    job = await opened(county, mode="valid_rows")
    Break(monkeypatch, job, step, after=int(step == "_load_part"), times=1)
    await put(county, job, content)
    ended = await end_of(county, job)
    assert accounted(ended) == ("completed", (20, 0, 0, 1), 0)
    progress = ended["progress"]
    assert (progress["rows"], progress["failed"]) == (21, 1)
    assert progress["bytes"] == len(content) - content.index(b"\n") - 1
    assert ended["faults"]["count"] == len(await county.all(f"/v1/imports/{job['id']}/faults"))


async def test_a_few_breaks_are_forgotten_by_the_commit_of_a_dry_run(
    county: County, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, breaks = await opened(county, dry_run=True), MOST - 1
    Break(monkeypatch, job, "_judge", times=breaks)
    await put(county, job, people(county))
    assert (await end_of(county, job))["state"] == "completed"
    Break(monkeypatch, job, "_inspect", times=1)
    await county.ok("POST", f"/v1/imports/{job['id']}:commit")
    assert counts(await end_of(county, job)) == (20, 0, 0, 0)
