"""Durable jobs: enqueued in the business transaction, run at least once, retried with backoff.

A rolled-back transaction leaves no job behind; a job whose worker is killed is picked up again
once its heartbeat is stale. Handlers must therefore be idempotent.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import structlog
from pgqueuer import AsyncpgDriver, AsyncpgPoolDriver, Job, Queries, QueueManager, RetryRequested
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel
from pgqueuer.ports.driver import Driver
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.db import Database, raw
from services.chassis.request_id import current_request_id

log = structlog.get_logger()

FIRST_RETRY = timedelta(seconds=0.5)
LONGEST_RETRY = timedelta(minutes=5)
# About two hours of tries; a passing fault says `TryAgain` and is tried without end.
MAX_FAILURES = 30
HEARTBEAT_TIMEOUT = timedelta(seconds=10)


class TryAgain(Exception):
    """A handler raises this for a passing fault: the job is retried, however often."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a handler works with."""

    database: Database
    state: Any
    attempt: int


Handler = Callable[[JobContext, dict[str, Any]], Awaitable[None]]


@dataclass
class Jobs:
    """The job kinds of one service, by name."""

    handlers: dict[str, Handler] = field(default_factory=dict)

    def handles(self, kind: str) -> Callable[[Handler], Handler]:
        """Register a coroutine as the handler of jobs named `kind`."""

        def register(handler: Handler) -> Handler:
            self.handlers[kind] = handler
            return handler

        return register


def queries(driver: Driver, schema: str) -> Queries:
    """Queue operations on the tables of one service's schema."""
    settings = DBSettings(db_schema=schema, channel=Channel(f"junheng_{schema}"))
    return Queries(
        driver,
        qbe=QueryBuilderEnvironment(settings),
        qbq=QueryQueueBuilder(settings),
        qbs=QuerySchedulerBuilder(settings),
    )


async def enqueue(session: AsyncSession, schema: str, kind: str, payload: dict[str, Any]) -> None:
    """Add a job that exists exactly if this transaction commits."""
    body = orjson.dumps({"payload": payload, "request_id": current_request_id.get()})
    await queries(AsyncpgDriver(await raw(session)), schema).enqueue(kind, body)


class Worker:
    """Runs the jobs of one service until stopped; restarts its loop when Postgres goes away."""

    def __init__(self, name: str, jobs: Jobs, database: Database, state: Any) -> None:
        self._name, self._jobs, self._database, self._state = name, jobs, database, state
        self._stopping = asyncio.Event()
        self._manager: QueueManager | None = None

    async def run(self) -> None:
        """Work until `stop` is called; running jobs are finished first."""
        while not self._stopping.is_set():
            try:
                await self._run_once()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("job worker lost the database", service=self._name, error=repr(error))
                await asyncio.sleep(1)
            except Exception:
                log.exception("job worker failed, starting it again", service=self._name)
                await asyncio.sleep(1)

    def stop(self) -> None:
        """Take no further job."""
        self._stopping.set()
        if self._manager:
            self._manager.shutdown.set()

    async def _run_once(self) -> None:
        pool = await asyncpg.create_pool(
            self._database.dsn,
            min_size=1,
            max_size=4,
            server_settings={"application_name": f"junheng-{self._name}-jobs"},
        )
        async with pool:
            manager = QueueManager(
                queries(AsyncpgPoolDriver(pool), self._name),
                channel=Channel(f"junheng_{self._name}"),
            )
            for kind, handler in self._jobs.handlers.items():
                manager.entrypoint(kind, on_failure="hold")(self._entrypoint(kind, handler))
            self._manager = manager
            if not self._stopping.is_set():
                await manager.run(
                    dequeue_timeout=timedelta(seconds=2),
                    heartbeat_timeout=HEARTBEAT_TIMEOUT,
                    shutdown_on_listener_failure=True,
                )

    def _entrypoint(self, kind: str, handler: Handler) -> Callable[[Job], Awaitable[None]]:
        async def run(job: Job) -> None:
            envelope = orjson.loads(job.payload or b"{}")
            current_request_id.set(envelope["request_id"])
            context = JobContext(self._database, self._state, job.attempts)
            try:
                await handler(context, envelope["payload"])
            except TryAgain as error:
                log.info("job put off", kind=kind, attempt=job.attempts, reason=str(error))
                raise RetryRequested(delay=_delay(job.attempts), reason=str(error)) from error
            except Exception as error:
                log.exception("job failed", kind=kind, attempt=job.attempts)
                if job.attempts >= MAX_FAILURES:
                    raise  # held in the queue, for a person to look at
                raise RetryRequested(delay=_delay(job.attempts), reason=repr(error)) from error
            log.info("job done", kind=kind, attempt=job.attempts)

        return run


def _delay(attempts: int) -> timedelta:
    """Exponential backoff with full jitter in its upper half."""
    longest = min(FIRST_RETRY * 2 ** min(attempts, 20), LONGEST_RETRY)
    jitter = random.uniform(0.5, 1.0)  # noqa: S311 -- jitter, not a secret
    return timedelta(seconds=longest.total_seconds() * jitter)
