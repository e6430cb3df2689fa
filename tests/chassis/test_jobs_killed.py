"""Jobs against real worker processes that are killed, told to stop, or die of a job."""

import asyncio
import random
import signal
import subprocess
import sys
import time

import orjson

from services.chassis.queue.runs import KILLS_ITS_WORKER, MAX_STARTS
from tests.chassis.job_process import DRAIN_SECONDS
from tests.chassis.jobs_world import JobsWorld

JOBS = 200
# As when PostgreSQL fails over: in the midst of dequeuing, listening and writing down ends.
CUT_CONNECTIONS = """
select pg_terminate_backend(pid) from pg_stat_activity
where application_name in ('junheng-accountability-jobs', 'junheng-accountability')
    and datname = current_database()
"""


async def test_two_hundred_failing_jobs_on_two_workers_killed_at_random(
    jobs_world: JobsWorld,
) -> None:
    await jobs_world.enqueue("test.unsteady", *({"n": n} for n in range(JOBS)))
    workers = [jobs_world.start_worker() for _ in range(2)]

    async def all_ended() -> bool:
        return await jobs_world.left("queued", "picked") == 0

    async def some_were_done() -> bool:
        return len(await jobs_world.effects()) > 10

    await jobs_world.until(some_were_done)
    for _ in range(4):
        await asyncio.sleep(random.uniform(0.5, 1.5))
        victim = random.randrange(2)
        workers[victim].kill()
        workers[victim] = jobs_world.start_worker()
        await asyncio.sleep(random.uniform(0, 0.5))
        await jobs_world.connection.fetch(CUT_CONNECTIONS)
    await jobs_world.until(all_ended, 120)
    held = await jobs_world.connection.fetch(
        "select r.* from accountability.pgqueuer q join accountability.job_run r "
        "on r.job_id = q.id where q.entrypoint like 'test.%'"
    )
    assert held == [], "none is held"
    effects = await jobs_world.effects()
    assert sorted(effects) == list(range(JOBS)), "no job is lost"
    most = JOBS + 8 * 4 * (1 + 2)  # a kill repeats one worker's jobs, a cut those of both
    assert sum(effects.values()) <= most, "only what was running then runs twice"


async def test_a_job_that_kills_its_workers_is_parked(jobs_world: JobsWorld) -> None:
    await jobs_world.enqueue("test.poison", {"n": 1})
    for _ in range(MAX_STARTS):
        worker = jobs_world.start_worker()
        assert await asyncio.to_thread(worker.wait, 30) == -signal.SIGKILL
    await jobs_world.enqueue("test.slow", {"n": 2, "seconds": 0})
    jobs_world.start_worker()

    async def is_parked() -> bool:
        return await jobs_world.left("failed") == 1 and await jobs_world.left() == 1

    await jobs_world.until(is_parked)
    assert await jobs_world.effects() == {1: MAX_STARTS, 2: 1, -2: 1}
    error = await jobs_world.connection.fetchval(
        "select r.error from accountability.job_run r join accountability.pgqueuer q "
        "on q.id = r.job_id where q.entrypoint = 'test.poison'"
    )
    assert error == KILLS_ITS_WORKER


async def test_a_worker_told_to_stop_finishes_what_runs(jobs_world: JobsWorld) -> None:
    await jobs_world.enqueue("test.slow", *({"n": n, "seconds": 2} for n in range(1, 5)))
    worker = jobs_world.start_worker()

    async def all_run() -> bool:
        return len(await jobs_world.effects()) == 4

    await jobs_world.until(all_run)
    worker.send_signal(signal.SIGTERM)
    await jobs_world.enqueue("test.slow", {"n": 9, "seconds": 0})
    assert await asyncio.to_thread(worker.wait, 15) == 0
    effects = await jobs_world.effects()
    assert {n for n in effects if n > 0} == {1, 2, 3, 4}
    assert set(effects.values()) == {1}
    assert await jobs_world.left() == 1, "what came after the signal is left to others"


async def test_a_worker_beside_the_services_does_their_jobs(jobs_world: JobsWorld) -> None:
    """The real command; services of this run leave their jobs alone (`JUNHENG_JOBS=off`)."""
    kind = "accountability.deliver_directive"
    await jobs_world.connection.execute(
        "delete from accountability.pgqueuer where entrypoint = $1", kind
    )
    await jobs_world.enqueue(kind, {"directive_no": "620123-none.T1"})
    worker = subprocess.Popen(
        [sys.executable, "-m", "services.chassis.runtime.worker", "appraisal", "accountability"],
        stderr=subprocess.DEVNULL,
    )
    jobs_world.workers.append(worker)

    async def is_done() -> bool:
        left = await jobs_world.connection.fetchval(
            "select count(*) from accountability.pgqueuer where entrypoint = $1", kind
        )
        return bool(left == 0)

    await jobs_world.until(is_done)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 15) == 0


async def test_a_job_too_long_for_the_drain_goes_back_to_the_queue(
    jobs_world: JobsWorld,
) -> None:
    await jobs_world.enqueue("test.slow", {"n": 1, "seconds": 60})
    worker = jobs_world.start_worker()

    async def runs() -> bool:
        return bool(await jobs_world.effects())

    await jobs_world.until(runs)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 30) == 0
    assert await jobs_world.left("queued") == 1
    row = await jobs_world.connection.fetchrow(
        "select r.starts from accountability.job_run r join accountability.pgqueuer q "
        "on q.id = r.job_id where q.entrypoint = 'test.slow'"
    )
    assert row
    assert row["starts"] == 0, "an orderly end is no kill"


async def test_one_worker_of_several_services_drains_them_at_the_same_time(
    jobs_world: JobsWorld,
) -> None:
    """One after the other would take longer than whoever stops it waits before he kills it."""
    services = ("schools", "appraisal", "accountability")
    body = orjson.dumps({"payload": {"seconds": 60}, "request_id": "test-jobs"})
    for name in services:
        await jobs_world.connection.execute(
            f"insert into {name}.pgqueuer (priority, entrypoint, payload, status) "
            "values (0, 'test.sleep', $1, 'queued')",
            body,
        )
    worker = jobs_world.start_worker(*services)
    queues = " union all ".join(
        f"select status::text from {name}.pgqueuer where entrypoint = 'test.sleep'"
        for name in services
    )

    async def all_are(status: str) -> bool:
        rows = await jobs_world.connection.fetch(queues)
        return [row["status"] for row in rows] == [status] * 3

    await jobs_world.until(lambda: all_are("picked"))
    before = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 40) == 0
    assert time.monotonic() - before < 2 * DRAIN_SECONDS
    assert await all_are("queued")
    for name in services:
        await jobs_world.connection.execute(
            f"delete from {name}.pgqueuer where entrypoint = 'test.sleep'"
        )
