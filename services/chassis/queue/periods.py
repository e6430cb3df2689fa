"""Periodic jobs: each period of a cron expression is enqueued once, by the first process."""

import asyncio
from datetime import datetime

import asyncpg
import structlog
from croniter import croniter

from services.chassis.database.clock import CHINA
from services.chassis.queue.jobs import Jobs, enqueue_on

log = structlog.get_logger()

_POLL_SECONDS = 5.0
# True for the process that moves a known kind on to a new period. A new kind starts with its next
# period, so that the installation of a version does not run everything at once. A period more than
# a day ahead was claimed by a wrong clock and is replaced; the kind would not run until then.
_CLAIM = """
insert into {schema}.job_period (kind, period) values ($1, $2)
on conflict (kind) do update set period = excluded.period
    where job_period.period < excluded.period
        or job_period.period > $3::timestamptz + interval '1 day'
returning xmax <> 0
"""


async def enqueue_periods(pool: "asyncpg.Pool[asyncpg.Record]", schema: str, jobs: Jobs) -> None:
    """Enqueue periodic jobs as they become due, until cancelled."""
    while jobs.periodic:
        try:
            await enqueue_due(pool, schema, jobs, datetime.now(CHINA))
        except Exception as error:  # any failure: the next poll follows
            log.warning("periodic jobs not checked", service=schema, error=repr(error))
        await asyncio.sleep(_POLL_SECONDS)


async def enqueue_due(
    pool: "asyncpg.Pool[asyncpg.Record]", schema: str, jobs: Jobs, now: datetime
) -> list[str]:
    """Enqueue every kind whose latest period is unclaimed, and return the kinds."""
    due = []
    for kind, expression in jobs.periodic.items():
        period = croniter(expression, now).get_prev(datetime)
        async with pool.acquire() as connection, connection.transaction():
            claim = _CLAIM.format(schema=schema)
            if await connection.fetchval(claim, kind, period, now):
                payload = {"period": period.isoformat()}
                await enqueue_on(connection, schema, kind, payload)
                due.append(kind)
    return due
