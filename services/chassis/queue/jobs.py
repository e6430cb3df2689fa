"""Durable jobs: declared by a service, enqueued in the business transaction, run at least once.

A rolled-back transaction leaves no job behind; a job whose worker is killed is picked up again
once its heartbeat is stale. Handlers must therefore be idempotent. `job_worker` runs them.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import asyncpg
import orjson
import structlog
from croniter import croniter
from pgqueuer import AsyncpgDriver, Job, Queries
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.domain.models import TracebackRecord
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import JOB_STATUS, Channel
from pgqueuer.ports.driver import Driver
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.core.errors import Unavailable
from services.chassis.core.request_id import current_request_id
from services.chassis.core.resources import Resources
from services.chassis.core.tracing import trace_headers
from services.chassis.database.db import Conn, Database, raw

log = structlog.get_logger()

LONGEST_RUN = timedelta(hours=1)
# Of a worker that has been silent for longer it is believed that it is dead.
LONGEST_SILENCE = timedelta(seconds=10)


class TryAgain(Exception):
    """A handler raises this for a passing fault: the job is retried, however often.

    Attributes:
        code: of the problem that the job waits out.
    """

    def __init__(self, reason: str | None = None, *, code: str = Unavailable.code) -> None:
        super().__init__(reason)
        self.code = code


async def _nothing() -> None:
    """For runs that nobody watches."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """The context of a handler."""

    database: Database
    resources: Resources
    attempt: int
    job_id: int = 0  # in the queue; it stays the same when the job is taken up again
    # Says that a long run has got on: what then kills its worker is not this job alone.
    progressed: Callable[[], Awaitable[None]] = _nothing


Handler = Callable[[JobContext, dict[str, Any]], Awaitable[None]]


@dataclass
class Jobs:
    """The job kinds of one service.

    Attributes:
        handlers: what runs a job, by its kind.
        periodic: cron expressions (in China's time) by kind. A period is enqueued once, however
            many processes there are; periods missed while none ran are made up for by one run.
        longest: how long a run may take before it counts as failed; an hour when not given.
        at_once: how many of a kind run at the same time, whatever processes there are.
    """

    handlers: dict[str, Handler] = field(default_factory=dict)
    periodic: dict[str, str] = field(default_factory=dict)
    longest: dict[str, timedelta] = field(default_factory=dict)
    at_once: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind, expression in self.periodic.items():
            self._check(kind, expression)

    @classmethod
    def joined(cls, parts: Iterable["Jobs"]) -> "Jobs":
        """The jobs of several features.

        Raises:
            ValueError: two of them handle the same kind.
        """
        whole = cls()
        for part in parts:
            if again := whole.handlers.keys() & part.handlers.keys():
                raise ValueError(f"handled twice: {', '.join(sorted(again))}")
            whole.handlers |= part.handlers
            whole.periodic |= part.periodic
            whole.longest |= part.longest
            whole.at_once |= part.at_once
        return whole

    def handles(
        self,
        kind: str,
        *,
        every: str | None = None,
        longest: timedelta = LONGEST_RUN,
        at_once: int | None = None,
    ) -> Callable[[Handler], Handler]:
        """Register a coroutine as the handler of jobs named `kind`.

        Args:
            kind: unique in the service.
            every: a cron expression in China's time; the payload is then `{"period": <time>}`.
            longest: how long a run may take.
            at_once: how many of them may run at the same time; None for any number.
        """

        def register(handler: Handler) -> Handler:
            self.handlers[kind] = handler
            self.longest[kind] = longest
            if at_once is not None:
                self.at_once[kind] = at_once
            if every is not None:
                self.periodic[kind] = every
                self._check(kind, every)
            return handler

        return register

    def _check(self, kind: str, expression: str) -> None:
        if kind not in self.handlers:
            raise ValueError(f"periodic job {kind} has no handler")
        if not croniter.is_valid(expression):
            raise ValueError(f"{expression!r} is no cron expression ({kind})")


class Queue(Queries):
    """The queue's operations, except that a job is never given up because one of them failed."""

    async def retry_job(
        self, job: Job, delay: timedelta, traceback_record: TracebackRecord | None
    ) -> None:
        """Put a job back; when that fails it stays picked, and is taken up when stale.

        The library would hold it as failed instead, and nobody would run it again.
        """
        try:
            await super().retry_job(job, delay, traceback_record)
        except Exception as error:
            log.warning("job not put back, left to go stale", job=job.id, error=repr(error))

    async def log_jobs(
        self, job_status: list[tuple[Job, JOB_STATUS, TracebackRecord | None]]
    ) -> None:
        """Take ended jobs out of the queue, except those that were merely cut off.

        Nobody calls jobs off here: what was cancelled belonged to a process that had to end.
        """
        ended = [entry for entry in job_status if entry[1] != "canceled"]
        if ended:
            await super().log_jobs(ended)


def queries(driver: Driver, schema: str) -> Queue:
    """Queue operations on the tables of one service's schema."""
    settings = DBSettings(db_schema=schema, channel=Channel(f"junheng_{schema}"))
    return Queue(
        driver,
        qbe=QueryBuilderEnvironment(settings),
        qbq=QueryQueueBuilder(settings),
        qbs=QuerySchedulerBuilder(settings),
    )


async def enqueue(session: AsyncSession, schema: str, kind: str, payload: dict[str, Any]) -> None:
    """Add a job that exists exactly if this transaction commits."""
    await enqueue_on(await raw(session), schema, kind, payload)


async def enqueue_on(connection: Conn, schema: str, kind: str, payload: dict[str, Any]) -> None:
    """Add a job through a connection of asyncpg's, in whatever transaction it is in."""
    envelope = {"payload": payload, "request_id": current_request_id.get()}
    body = orjson.dumps(envelope | {"trace": trace_headers()})
    # A pool's proxy has every method of the connection that it stands for.
    driver = AsyncpgDriver(cast("asyncpg.Connection[asyncpg.Record]", connection))
    await queries(driver, schema).enqueue(kind, body)


async def is_being_run(connection: Conn, job_id: int | None) -> bool:
    """Whether a worker that shows signs of life has this job of the queue in its hands."""
    found: bool = await connection.fetchval(
        "select exists (select from pgqueuer "
        "where id = $1 and status = 'picked' and heartbeat > now() - $2::interval)",
        job_id,
        LONGEST_SILENCE,
    )
    return found
