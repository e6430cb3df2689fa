"""Records of a job beside its place in the queue: starts without an end, and faults.

The queue counts no attempt when a worker is killed. So a start is written down, and committed,
before the handler runs: a job that has killed its worker several times in a row is parked.
"""

from typing import Any

import asyncpg
import stamina
from sqlalchemy.exc import DBAPIError

from services.chassis.core.errors import AppError, StorageFull
from services.chassis.database.storage import is_storage_full

MAX_STARTS = 3
_END_SECONDS = 15
KILLS_ITS_WORKER = "job.kills_its_worker"

_START = """
insert into {schema}.job_run (job_id, starts) values ($1, 1)
on conflict (job_id) do update set starts = case when $2 then 1 else job_run.starts + 1 end
returning starts
"""
_FAILED = """
update {schema}.job_run set starts = 0, error = $2, failed_at = now() where job_id = $1
"""
# Whatever ended otherwise than through `done` (an operator emptied the queue, say).
_FORGET_ORPHANS = """
delete from {schema}.job_run where job_id not in (select id from {schema}.pgqueuer)
"""


class CrashLooping(Exception):
    """The job was started several times and never ended: its workers must have died of it."""


class JobRuns:
    """The starts and faults of one service's jobs.

    Args:
        pool: of the queue.
        schema: of the service.
        unwritten: the jobs whose last end this process could not write down, because the database
            was away or its disk full. It outlives the pool, and lives as long as the process: so
            the next start of such a job here is no sign that a worker has died.
    """

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", schema: str, unwritten: set[int]
    ) -> None:
        self._pool, self._schema, self._unwritten = pool, schema, unwritten

    async def start(self, job_id: int) -> None:
        """Write down that the job starts.

        Raises:
            CrashLooping: it has been started too often without an end.
        """
        has_ended = job_id in self._unwritten
        starts = await self._pool.fetchval(_START.format(schema=self._schema), job_id, has_ended)
        self._unwritten.discard(job_id)
        if starts > MAX_STARTS:
            await self.failed(job_id, KILLS_ITS_WORKER)
            raise CrashLooping(KILLS_ITS_WORKER)

    async def progressed(self, job_id: int) -> None:
        """Write down that the job has got on: it does not kill its workers at once."""
        await self._pool.execute(
            f"update {self._schema}.job_run set starts = 1 where job_id = $1 and starts > 1",
            job_id,
        )

    async def failed(self, job_id: int, error: str) -> None:
        """Write down why the job ended without success.

        Tried for a while: what failed may be the database, and an end that is not written down
        counts as a dead worker. A connection that is cut in the midst of an operation can raise
        anything (asyncpg has an error for it that is none of its usual ones).
        """
        statement = _FAILED.format(schema=self._schema)
        self._unwritten.add(job_id)
        async for attempt in stamina.retry_context(
            on=Exception, wait_initial=0.2, timeout=_END_SECONDS
        ):
            with attempt:
                await self._pool.execute(statement, job_id, error)
        self._unwritten.discard(job_id)

    async def done(self, job_id: int) -> None:
        """Forget the job."""
        await self._pool.execute(
            f"delete from {self._schema}.job_run where job_id = $1",
            job_id,
        )

    async def forget_orphans(self) -> None:
        """Forget jobs that are no longer in the queue."""
        await self._pool.execute(_FORGET_ORPHANS.format(schema=self._schema))


def describe(error: BaseException) -> str:
    """An exception by code and kind, without its words: they may hold people's data."""
    if is_storage_full(error):
        return StorageFull.code
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, AppError):
        return cause.code
    state = getattr(cause, "sqlstate", None)
    name = type(error).__name__
    return f"{name} {state}" if state else name
