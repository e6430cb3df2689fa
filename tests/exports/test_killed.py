"""Exports whose service and database are killed at random end as undisturbed ones."""

import asyncio
import random
import time
from pathlib import Path

import pytest

from tests.bench._staff import BUREAU, fill
from tests.imports.killing import KillWorld, Sender, kill_world
from tests.schools.county import read_workbook
from tests.support.exporting import Job

KILLS, ROWS = 8, 20_000
CALLED_OFF = "cancelled"


async def test_a_file_is_whole_or_not_there_whatever_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNHENG_DATA_DIR", str(tmp_path))
    async with kill_world() as world:
        await fill(world.server.url("junheng"), ROWS, 1)
        sender = Sender(world, BUREAU)
        whole = await file_of(sender, await ended(sender, await begin(sender, "csv")))
        assert whole.count(b"\n") == ROWS + 1
        while world.kills < KILLS:
            job = await begin(sender, "xlsx")
            await kill(world, sender, job, times=3)
            job = await ended(sender, job)
            assert (job["state"], job["rows"]) == ("completed", ROWS), job["problem"]
            assert len(read_workbook(await file_of(sender, job))) == ROWS
            assert len(files(tmp_path, job)) == 1
        assert await file_of(sender, await ended(sender, await begin(sender, "csv"))) == whole

        job = await begin(sender, "xlsx")
        await kill(world, sender, job, times=1)
        await sender.call("POST", f"/v1/exports/{job['id']}:cancel")
        job = await ended(sender, job)
        assert job["state"] == CALLED_OFF
        # A job removes the file after the end is committed.
        async with asyncio.timeout(30):
            while files(tmp_path, job):
                await asyncio.sleep(0.1)
        world.end()
        world.start()
        await sender.call("GET", "/v1/exports")
        assert [file.name for file in (tmp_path / "tmp").iterdir()] == ["making"]


def files(data_dir: Path, job: Job) -> list[Path]:
    """What an export has on disk."""
    return list((data_dir / "exports").glob(f"{job['id']}.*"))


async def begin(sender: Sender, form: str) -> Job:
    """Ask for all members of staff."""
    stated = {"resource": "staff", "format": form, "query": {"sort": "staff_no"}}
    job: Job = (await sender.call("POST", "/v1/exports", json=stated)).json()
    return job


async def kill(world: KillWorld, sender: Sender, job: Job, *, times: int) -> None:
    """Kill the service or the database a few times while an export runs."""
    for _ in range(times):
        while (await read(sender, job))["state"] == "queued":
            await asyncio.sleep(0.05)
        await asyncio.sleep(random.uniform(0, 1))
        await asyncio.to_thread(world.kill, random.choice(["service", "postgres"]))


async def read(sender: Sender, job: Job, wait: int = 0) -> Job:
    """How an export stands."""
    answer = await sender.call("GET", f"/v1/exports/{job['id']}", params={"wait": wait})
    found: Job = answer.json()
    return found


async def ended(sender: Sender, job: Job) -> Job:
    """An export at its end."""
    give_up = time.monotonic() + 120
    while job["state"] in ("queued", "running"):
        assert time.monotonic() < give_up, job
        job = await read(sender, job, wait=5)
    return job


async def file_of(sender: Sender, job: Job) -> bytes:
    """Its file."""
    return (await sender.call("GET", f"/v1/exports/{job['id']}/content")).content
