"""Starts and faults of jobs, recorded beside the queue.

The queue counts no attempt when a worker is killed. Therefore each start is committed before the
handler runs, and a job whose worker died several times in a row is parked.
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
# Jobs that ended without `done`, for example because an operator emptied the queue.
_FORGET_ORPHANS = """
delete from {schema}.job_run where job_id not in (select id from {schema}.pgqueuer)
"""


class CrashLooping(Exception):
    """The job was started several times without an end: it probably kills its workers."""


class JobRuns:
    """The starts and faults of one service's jobs.

    Args:
        pool: of the queue.
        schema: of the service.
        unwritten: jobs whose last end this process could not record, because the database was
            unavailable or its disk full. It is kept for the life of the process, longer than the
            pool: the next start of such a job in this process does not count as a dead worker.
    """

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", schema: str, unwritten: set[int]
    ) -> None:
        self._pool, self._schema, self._unwritten = pool, schema, unwritten

    async def start(self, job_id: int) -> None:
        """Record the start of a job.

        Raises:
            CrashLooping: the job was started too often without an end.
        """
        has_ended = job_id in self._unwritten
        starts = await self._pool.fetchval(_START.format(schema=self._schema), job_id, has_ended)
        self._unwritten.discard(job_id)
        if starts > MAX_STARTS:
            await self.failed(job_id, KILLS_ITS_WORKER)
            raise CrashLooping(KILLS_ITS_WORKER)

    async def progressed(self, job_id: int) -> None:
        """Record progress: the job does not kill its worker at the start."""
        await self._pool.execute(
            f"update {self._schema}.job_run set starts = 1 where job_id = $1 and starts > 1",
            job_id,
        )

    async def failed(self, job_id: int, error: str) -> None:
        """Record why the job ended without success.

        Retried for a while: the database itself may be unavailable, and an end that is not
        recorded counts as a dead worker. Every exception is retried, because a connection that
        is cut during an operation can raise any (asyncpg has an internal one for it).
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
        """Delete the record of a job that is done."""
        await self._pool.execute(
            f"delete from {self._schema}.job_run where job_id = $1",
            job_id,
        )

    async def forget_orphans(self) -> None:
        """Delete the records of jobs that are no longer in the queue."""
        await self._pool.execute(_FORGET_ORPHANS.format(schema=self._schema))


def describe(error: BaseException) -> str:
    """Code or type of an exception, without its message, which may contain personal data."""
    if is_storage_full(error):
        return StorageFull.code
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, AppError):
        return cause.code
    state = getattr(cause, "sqlstate", None)
    name = type(error).__name__
    return f"{name} {state}" if state else name
