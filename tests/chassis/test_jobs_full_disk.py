"""A full disk parks no job, however long it lasts; it says what it waits for, and goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from services.chassis.queue import runs, worker
from services.chassis.queue.jobs import JobContext, Jobs
from services.chassis.runtime.app import create_app
from tests.chassis.jobs_world import SCHEMA, JobsWorld
from tests.support.running import running
from tests.support.services import small_service
from tests.support.tokens import bearer

ADMIN = bearer("system_admin", bureau=None)
# More runs than a job has failures, and more than a worker has deaths.
RUNS = 6
_EFFECT = "insert into test_effect (n, runs) values (1, 1)"

jobs = Jobs()


@jobs.handles("test.orm")
async def write_by_orm(context: JobContext, _payload: dict[str, Any]) -> None:
    """Write through SQLAlchemy, which wraps what PostgreSQL says."""
    async with context.database.session(None) as session:
        await session.execute(text(_EFFECT))


@jobs.handles("test.sql")
async def write_by_sql(context: JobContext, _payload: dict[str, Any]) -> None:
    """Write through asyncpg, in a group of tasks, which wraps it, too."""

    async def write() -> None:
        async with context.database.connection(None) as connection:
            await connection.execute(_EFFECT)

    async with asyncio.TaskGroup() as group:
        group.create_task(write())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job is given up early, and tried again soon."""
    monkeypatch.setattr(worker, "MAX_FAILURES", 2)
    monkeypatch.setattr(worker, "FIRST_RETRY", timedelta(seconds=0.05))
    monkeypatch.setattr(worker, "LONGEST_RETRY", timedelta(seconds=0.1))
    monkeypatch.setattr(runs, "_END_SECONDS", 0.3)


@asynccontextmanager
async def full(world: JobsWorld, table: str, when: str = "true") -> AsyncIterator[None]:
    """Whatever is written to a table finds the disk full."""
    await world.connection.execute(
        "create function public.test_full() returns trigger language plpgsql as $$ begin "
        "raise exception 'could not extend file: No space left on device' "
        "using errcode = 'disk_full'; end $$; "
        f"create trigger test_full before insert or update on {SCHEMA}.{table} "
        f"for each row when ({when}) execute function public.test_full()"
    )
    try:
        yield
    finally:
        await world.connection.execute("drop function public.test_full() cascade")


def service_app() -> FastAPI:
    """A service that shows these jobs; `running` carries them out."""
    return create_app(small_service(SCHEMA, "Jobs 任务", jobs=jobs))


async def only_job(client: httpx.AsyncClient, kind: str) -> dict[str, Any]:
    answer = await client.get("/v1/jobs", params={"kind": kind}, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["data"]
    job: dict[str, Any] = found
    return job


@pytest.mark.parametrize("kind", ["test.orm", "test.sql"])
async def test_a_job_waits_until_there_is_room(jobs_world: JobsWorld, kind: str) -> None:
    await jobs_world.enqueue(kind, {})
    async with running(
        create_app(small_service(SCHEMA, "Jobs 任务", jobs=jobs)), jobs=jobs
    ) as client:
        async with full(jobs_world, "test_effect"), asyncio.timeout(60):
            while (job := await only_job(client, kind))["attempts"] < RUNS:
                assert job["state"] != "parked"
                await asyncio.sleep(0.05)
            assert job["error"] == "platform.storage_full"
        async with asyncio.timeout(60):
            while await jobs_world.left():
                await asyncio.sleep(0.05)
    assert await jobs_world.effects() == {1: 1}


async def test_a_run_whose_end_cannot_be_written_is_no_dead_worker(jobs_world: JobsWorld) -> None:
    """The queue's own notes find the disk full, but only now and then: its starts fit in."""
    await jobs_world.enqueue("test.orm", {})
    async with running(
        create_app(small_service(SCHEMA, "Jobs 任务", jobs=jobs)), jobs=jobs
    ) as client:
        async with (
            full(jobs_world, "test_effect"),
            _ends_unwritten(jobs_world),
            asyncio.timeout(60),
        ):
            while (job := await only_job(client, "test.orm"))["attempts"] < RUNS:
                assert job["state"] != "parked"
                await asyncio.sleep(0.05)
        async with asyncio.timeout(60):
            while await jobs_world.left():
                await asyncio.sleep(0.05)
    assert await jobs_world.effects() == {1: 1}


@asynccontextmanager
async def _ends_unwritten(world: JobsWorld) -> AsyncIterator[None]:
    await world.connection.execute(
        f"create trigger test_full before update on {SCHEMA}.job_run for each row "
        "when (new.starts = 0) execute function public.test_full()"
    )
    yield
