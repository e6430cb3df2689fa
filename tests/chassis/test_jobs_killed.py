"""Jobs against real worker processes that are killed, told to stop, or die of a job."""

import asyncio
import random
import signal

from services.chassis.job_runs import KILLS_ITS_WORKER, MAX_STARTS
from tests.chassis.jobs_world import JobsWorld

JOBS = 200


async def test_two_hundred_failing_jobs_on_two_workers_killed_at_random(
    jobs_world: JobsWorld,
) -> None:
    await jobs_world.enqueue("test.unsteady", *({"n": n} for n in range(JOBS)))
    workers = [jobs_world.start_worker() for _ in range(2)]

    async def all_ended() -> bool:
        return await jobs_world.left("queued") + await jobs_world.left("picked") == 0

    async def some_were_done() -> bool:
        return len(await jobs_world.effects()) > 10

    await jobs_world.until(some_were_done)
    for _ in range(4):
        await asyncio.sleep(random.uniform(0.5, 1.5))
        victim = random.randrange(2)
        workers[victim].kill()
        workers[victim] = jobs_world.start_worker()
    await jobs_world.until(all_ended, 120)
    effects = await jobs_world.effects()
    assert sorted(effects) == list(range(JOBS)), "no job is lost"
    assert await jobs_world.left() == 0, "none is held"
    assert sum(effects.values()) <= JOBS + 2 * 8 * 4, "only what ran at a kill runs twice"


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
