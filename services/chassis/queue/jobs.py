"""Durable jobs: declared by a service, enqueued in the business transaction, run at least once.

A rolled-back transaction leaves no job behind; a job whose worker is killed is picked up again
once its heartbeat is stale. Handlers must therefore be idempotent. `worker` runs them.
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
# A worker without a heartbeat for longer than this is presumed dead.
LONGEST_SILENCE = timedelta(seconds=10)


class TryAgain(Exception):
    """Raised by a handler for a temporary fault: the job is retried without limit.

    Attributes:
        code: of the problem that the job waits for to end.
    """

    def __init__(self, reason: str | None = None, *, code: str = Unavailable.code) -> None:
        super().__init__(reason)
        self.code = code


async def _nothing() -> None:
    """Default of `progressed`."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """The context in which a handler runs a job."""

    database: Database
    resources: Resources
    attempt: int
    job_id: int = 0  # in the queue; the same for every attempt
    # Reports progress of a long run; if its worker is killed later, the job is not blamed.
    progressed: Callable[[], Awaitable[None]] = _nothing


Handler = Callable[[JobContext, dict[str, Any]], Awaitable[None]]


@dataclass
class Jobs:
    """The job kinds of one service.

    Attributes:
        handlers: coroutines that run a job, by kind.
        periodic: cron expressions (China time) by kind. A period is enqueued once by all processes
            together; one run makes up for all periods that were missed while none ran.
        longest: time limit of a run, by kind; one hour by default.
        at_once: limit of concurrent runs in all processes, by kind.
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
        """The jobs of several features together.

        Raises:
            ValueError: two features handle the same kind.
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
            every: a cron expression (China time); the payload is then `{"period": <time>}`.
            longest: time limit of a run.
            at_once: limit of concurrent runs; None for no limit.
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
    """Queue operations of the library, changed so that no job is lost when one of them fails."""

    async def retry_job(
        self, job: Job, delay: timedelta, traceback_record: TracebackRecord | None
    ) -> None:
        """Put a job back; if that fails it stays picked, and is picked up again when stale.

        The library would mark it as failed instead, and it would never run again.
        """
        try:
            await super().retry_job(job, delay, traceback_record)
        except Exception as error:
            log.warning("job not put back, left to go stale", job=job.id, error=repr(error))

    async def log_jobs(
        self, job_status: list[tuple[Job, JOB_STATUS, TracebackRecord | None]]
    ) -> None:
        """Remove ended jobs from the queue, except cancelled ones.

        Jobs are never cancelled on purpose: a cancelled one belonged to a process that had to end.
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
    """Add a job that exists if and only if this transaction commits."""
    await enqueue_on(await raw(session), schema, kind, payload)


async def enqueue_on(connection: Conn, schema: str, kind: str, payload: dict[str, Any]) -> None:
    """Add a job in the current transaction of an asyncpg connection."""
    envelope = {"payload": payload, "request_id": current_request_id.get()}
    body = orjson.dumps(envelope | {"trace": trace_headers()})
    # A pool's proxy has every method of the connection that it stands for.
    driver = AsyncpgDriver(cast("asyncpg.Connection[asyncpg.Record]", connection))
    await queries(driver, schema).enqueue(kind, body)


async def is_being_run(connection: Conn, job_id: int | None) -> bool:
    """Whether a worker with a recent heartbeat is running this job of the queue."""
    found: bool = await connection.fetchval(
        "select exists (select from pgqueuer "
        "where id = $1 and status = 'picked' and heartbeat > now() - $2::interval)",
        job_id,
        LONGEST_SILENCE,
    )
    return found
