"""`python -m tests.chassis.job_process [NAME …]`: a worker with the tests' own jobs."""

import asyncio
import importlib
import os
import random
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.chassis.queue import worker
from services.chassis.queue.jobs import JobContext, Jobs, TryAgain
from services.chassis.runtime import process
from services.chassis.runtime.feature import Feature
from services.chassis.runtime.worker import work

DRAIN_SECONDS = 4
_EFFECT = text(
    "insert into test_effect (n, runs) values (:n, 1) "
    "on conflict (n) do update set runs = test_effect.runs + 1"
)


async def _effect(context: JobContext, n: int) -> None:
    async with context.database.session(None) as session:
        await session.execute(_EFFECT, {"n": n})


async def unsteady(context: JobContext, payload: dict[str, Any]) -> None:
    """Fail half of the time, in the ways that jobs fail."""
    await asyncio.sleep(random.uniform(0, 0.1))
    match random.randrange(8):
        case 0:
            raise TryAgain("passing")
        case 1:
            raise RuntimeError("unexpected")
        case 2:
            async with context.database.session(None) as session:
                await session.execute(text("select 1 / 0"))
        case 3:
            raise DBAPIError("select", None, TimeoutError("pool"))
        case _:
            await _effect(context, payload["n"])


async def slow(context: JobContext, payload: dict[str, Any]) -> None:
    """Say that it runs, take its time, leave its effect."""
    await _effect(context, -payload["n"])
    await asyncio.sleep(payload["seconds"])
    await _effect(context, payload["n"])


async def poison(context: JobContext, payload: dict[str, Any]) -> None:
    """Kill the process, once for every run."""
    await _effect(context, payload["n"])
    os.kill(os.getpid(), signal.SIGKILL)


async def sleep(_context: JobContext, payload: dict[str, Any]) -> None:
    """Take its time, and nothing else."""
    await asyncio.sleep(payload["seconds"])


HANDLERS = {
    "test.unsteady": unsteady,
    "test.slow": slow,
    "test.poison": poison,
    "test.sleep": sleep,
}


def main() -> None:
    """Work, with every wait short enough for a test."""
    worker.HEARTBEAT_TIMEOUT = timedelta(seconds=1)
    worker.FIRST_RETRY, worker.LONGEST_RETRY = timedelta(seconds=0.1), timedelta(seconds=1)
    process.DRAIN_SECONDS = DRAIN_SECONDS
    names = sys.argv[1:] or ["accountability"]
    for name in names:
        module: Any = importlib.import_module(f"services.{name}.features")
        feature = Feature(jobs=Jobs(dict(HANDLERS)))
        module.SERVICE = replace(module.SERVICE, features=(feature,))
    asyncio.run(work(names))


if __name__ == "__main__":
    main()
