"""The queue of accountability as the tests of jobs use it: enqueue, look, start workers."""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

import asyncpg
import orjson

from deploy.local.process import Child
from tests.support.forked import start

SCHEMA = "accountability"


class JobsWorld:
    """One queue, its effects, and worker processes."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.connection = connection
        self.workers: list[Child] = []

    async def enqueue(self, kind: str, *payloads: dict[str, Any]) -> None:
        """Add one job per payload, as `jobs.enqueue` writes them."""
        bodies = [orjson.dumps({"payload": one, "request_id": "test-jobs"}) for one in payloads]
        await self.connection.executemany(
            "insert into accountability.pgqueuer (priority, entrypoint, payload, status) "
            "values (0, $1, $2, 'queued')",
            [(kind, body) for body in bodies],
        )

    async def effects(self) -> dict[int, int]:
        """How often each job had its effect."""
        rows = await self.connection.fetch("select n, runs from accountability.test_effect")
        return {row["n"]: row["runs"] for row in rows}

    async def left(self, *statuses: str) -> int:
        """How many of the tests' jobs are in the queue, at one moment."""
        count: int = await self.connection.fetchval(
            "select count(*) from accountability.pgqueuer where entrypoint like 'test.%' "
            "and ($1::text[] = '{}' or status::text = any($1))",
            statuses,
        )
        return count

    async def until(self, condition: Callable[[], Any], seconds: float = 60) -> None:
        """Poll until the awaited condition holds."""
        give_up = time.monotonic() + seconds
        while not await condition():
            assert time.monotonic() < give_up, "it did not happen in time"
            await asyncio.sleep(0.05)

    def start_worker(self, *services: str) -> Child:
        """A worker process of its own, for accountability unless others are named."""
        known = os.environ | {"JUNHENG_POOL_SIZE": "3", "JUNHENG_ACQUIRE_TIMEOUT": "1"}
        worker = start(known, "tests.chassis.job_process", *services)
        self.workers.append(worker)
        return worker

    def close(self) -> None:
        """Kill what still runs."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()
