"""Looking after jobs over HTTP, periodic jobs, and how a failed run is put back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from pgqueuer import AsyncpgPoolDriver, RetryRequested
from pgqueuer.core.listeners import (
    PGNoticeEventListener,
    default_event_router,
    initialize_notice_event_listener,
)
from pgqueuer.domain.models import Job
from pgqueuer.domain.types import Channel
from sqlalchemy.exc import DBAPIError

from services.chassis.core.errors import Unavailable
from services.chassis.database.clock import CHINA
from services.chassis.queue.jobs import JobContext, Jobs, queries
from services.chassis.queue.periods import enqueue_due
from services.chassis.queue.runs import describe
from services.chassis.queue.worker import ListeningManager
from services.chassis.runtime.app import create_app
from tests.chassis.jobs_world import SCHEMA, JobsWorld
from tests.support.database import admin_url
from tests.support.running import running
from tests.support.services import small_service
from tests.support.tokens import bearer

ADMIN = bearer("system_admin", bureau=None)


async def _unused(_context: JobContext, _payload: dict[str, Any]) -> None:
    """Handles the kind of job that these tests park."""


@pytest_asyncio.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    # An app of its own: tests of accountability may have theirs running.
    app = create_app(small_service(SCHEMA, "Jobs 任务", jobs=Jobs({"test.parked": _unused})))
    async with running(app) as started:
        yield started


async def parked(world: JobsWorld) -> int:
    """A job that has been given up."""
    await world.enqueue("test.parked", {"n": 1, "name": "secret payload"})
    job: int = await world.connection.fetchval(
        "update accountability.pgqueuer set status = 'failed', attempts = 30 "
        "where entrypoint = 'test.parked' returning id"
    )
    await world.connection.execute(
        "insert into accountability.job_run values ($1, 3, 'job.kills_its_worker', now())", job
    )
    return job


async def test_parked_jobs_are_listed_without_what_they_work_on(
    jobs_world: JobsWorld, client: httpx.AsyncClient
) -> None:
    job = await parked(jobs_world)
    await jobs_world.enqueue("test.waiting", {"n": 2})
    answer = await client.get(
        "/v1/jobs", params={"state": "parked", "kind": "test.parked"}, headers=ADMIN
    )
    assert answer.status_code == 200
    (row,) = answer.json()["data"]
    assert {key: row[key] for key in ("id", "kind", "state", "attempts", "error")} == {
        "id": job,
        "kind": "test.parked",
        "state": "parked",
        "attempts": 30,
        "error": "job.kills_its_worker",
    }
    assert "secret" not in answer.text


async def test_jobs_are_paged(jobs_world: JobsWorld, client: httpx.AsyncClient) -> None:
    await jobs_world.enqueue("test.waiting", *({"n": n} for n in range(5)))
    query: dict[str, Any] = {"kind": "test.waiting", "limit": 2}
    seen: list[int] = []
    while True:
        page = (await client.get("/v1/jobs", params=query, headers=ADMIN)).json()
        seen += [row["id"] for row in page["data"]]
        if not page["next_cursor"]:
            break
        query["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.quick("services.chassis.queue")
async def test_a_parked_job_is_replayed_once(
    jobs_world: JobsWorld, client: httpx.AsyncClient
) -> None:
    job = await parked(jobs_world)
    answer = await client.post(f"/v1/jobs/{job}:replay", headers=ADMIN)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["attempts"]) == ("waiting", 0)
    starts = await jobs_world.connection.fetchval(
        "select starts from accountability.job_run where job_id = $1", job
    )
    assert starts == 0
    again = await client.post(f"/v1/jobs/{job}:replay", headers=ADMIN)
    assert (again.status_code, again.json()["code"]) == (409, "platform.job_not_parked")
    missing = await client.post(f"/v1/jobs/{2**40}:replay", headers=ADMIN)
    assert missing.status_code == 404


async def test_a_period_is_enqueued_once_however_many_ask(jobs_world: JobsWorld) -> None:
    async def nothing(_context: JobContext, _payload: dict[str, Any]) -> None:
        """Never run here."""

    jobs = Jobs()
    jobs.handles("test.hourly", every="0 * * * *")(nothing)
    noon = datetime(2026, 1, 5, 12, 0, 1, tzinfo=CHINA)
    async with asyncpg.create_pool(admin_url(), min_size=1, max_size=8) as pool:
        assert await enqueue_due(pool, SCHEMA, jobs, noon) == [], "begins with its next period"
        for moment in (noon + timedelta(minutes=59), noon + timedelta(hours=5)):
            found = await asyncio.gather(
                *(enqueue_due(pool, SCHEMA, jobs, moment) for _ in range(8))
            )
            expected = 0 if moment.hour == 12 else 1
            assert sum(map(len, found)) == expected, "five missed periods are one run"
        await pool.execute("delete from accountability.job_period where kind = 'test.hourly'")
    assert await jobs_world.left() == 1


async def test_a_clock_that_was_wrong_once_stops_nothing_for_good(jobs_world: JobsWorld) -> None:
    async def nothing(_context: JobContext, _payload: dict[str, Any]) -> None:
        """Never run here."""

    jobs = Jobs()
    jobs.handles("test.hourly", every="0 * * * *")(nothing)
    noon = datetime(2026, 1, 5, 12, 0, 1, tzinfo=CHINA)
    wrong = noon.replace(year=2031)
    async with asyncpg.create_pool(admin_url(), min_size=1, max_size=2) as pool:
        due = [
            len(await enqueue_due(pool, SCHEMA, jobs, moment))
            for moment in (
                *(noon + timedelta(hours=hour) for hour in (0, 1, 0, -20)),
                wrong,
                *(noon + timedelta(hours=hour) for hour in (2, 2, 3)),
            )
        ]
        await pool.execute("delete from accountability.job_period where kind = 'test.hourly'")
    assert due == [0, 1, 0, 0, 1, 1, 0, 1]


def test_a_periodic_job_needs_a_handler_and_a_cron_expression() -> None:
    async def nothing(_context: JobContext, _payload: dict[str, Any]) -> None:
        """Never run here."""

    with pytest.raises(ValueError, match="no handler"):
        Jobs(periodic={"test.x": "* * * * *"})
    with pytest.raises(ValueError, match="cron"):
        Jobs({"test.x": nothing}, {"test.x": "sometimes"})


async def test_a_job_that_cannot_be_put_back_is_not_given_up(jobs_world: JobsWorld) -> None:
    """The library holds such a job as failed; ours goes stale, and is taken up again."""
    await jobs_world.enqueue("test.lost", {"n": 1})
    row = await jobs_world.connection.fetchrow(
        "update accountability.pgqueuer set status = 'picked', heartbeat = now() "
        "where entrypoint = 'test.lost' returning *"
    )
    pool = asyncpg.create_pool(admin_url(), min_size=0)
    await pool
    await pool.close()
    queue = queries(AsyncpgPoolDriver(pool), SCHEMA)
    assert row
    job = Job.model_validate(dict(row))
    await queue.retry_job(job, timedelta(), None)
    await queue.log_jobs([(job, "canceled", None)])
    assert await jobs_world.left("picked") == 1


async def test_a_worker_that_asks_before_it_listens_is_not_taken_for_deaf() -> None:
    async with asyncpg.create_pool(admin_url(), min_size=1, max_size=2) as pool:
        driver, channel = AsyncpgPoolDriver(pool), Channel(f"junheng_{SCHEMA}")
        manager = ListeningManager(queries(driver, SCHEMA), channel=channel)
        async with driver:
            asked = asyncio.create_task(manager.listener_healthy(timedelta(seconds=1)))
            await asyncio.sleep(0.2)
            hear = default_event_router(
                notice_event_queue=PGNoticeEventListener(),
                canceled=manager.job_context,
                pending_health_check=manager.pending_health_check,
            )
            await initialize_notice_event_listener(driver, channel, hear)
            assert (await asked).type == "health_check_event"


def test_a_fault_is_told_without_its_words() -> None:
    reasons = [
        describe(Unavailable()),
        describe(DBAPIError("insert 张三", {"name": "张三"}, asyncpg.UniqueViolationError("张三"))),
        describe(RuntimeError("张三")),
        describe(RetryRequested(reason="张三")),
    ]
    assert reasons == ["platform.unavailable", "DBAPIError 23505", "RuntimeError", "RetryRequested"]
