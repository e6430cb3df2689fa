"""Runs a service's jobs: retries with backoff, parks hopeless jobs, drains on shutdown."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import asyncpg
import orjson
import structlog
from pgqueuer import AsyncpgPoolDriver, Job, QueueManager, RetryRequested
from pgqueuer.domain.errors import FailingListenerError
from pgqueuer.domain.models import HealthCheckEvent
from pgqueuer.domain.types import Channel

from services.chassis.core.metrics import observe_job
from services.chassis.core.request_id import current_request_id
from services.chassis.core.resources import Resources
from services.chassis.core.tracing import Kind, span
from services.chassis.database.db import Database
from services.chassis.queue.jobs import (
    LONGEST_RUN,
    LONGEST_SILENCE,
    JobContext,
    Jobs,
    TryAgain,
    queries,
)
from services.chassis.queue.periods import enqueue_periods
from services.chassis.queue.runs import CrashLooping, JobRuns, describe
from services.chassis.queue.transient_errors import is_outage

log = structlog.get_logger()

FIRST_RETRY = timedelta(seconds=0.5)
LONGEST_RETRY = timedelta(minutes=5)
# About two hours of attempts; outages (see `is_outage`) are waited out without limit.
MAX_FAILURES = 30
HEARTBEAT_TIMEOUT = LONGEST_SILENCE
# One connection listens; the others dequeue, send heartbeats and record starts and ends.
_CONNECTIONS = 4
# Statements of the queue are short: one that takes longer hangs on a dead connection.
_STATEMENT_SECONDS = 20


class Parked(Exception):
    """The queue holds the job until an operator replays it."""


class TooLong(Exception):
    """A run exceeded the time limit of its kind."""


class ListeningManager(QueueManager):
    """The library's manager with a second health check of the listener.

    The library sends its first check before it listens. That one is never answered, and the worker
    would restart ten seconds after its start and take no job until running ones had ended.
    """

    async def listener_healthy(
        self,
        timeout: timedelta = timedelta(seconds=10),  # noqa: ASYNC109 -- the library's
    ) -> HealthCheckEvent:
        """Check twice before the listener counts as failed."""
        try:
            return await super().listener_healthy(timeout / 2)
        except FailingListenerError:
            return await super().listener_healthy(timeout / 2)


class Worker:
    """Runs the jobs of one service until stopped; restarts its loop when the database is lost."""

    def __init__(self, name: str, jobs: Jobs, resources: Resources) -> None:
        self._name, self._jobs, self._database = name, jobs, resources[Database]
        self._resources = resources
        self._stopping = asyncio.Event()
        self._manager: QueueManager | None = None
        self._unwritten: set[int] = set()

    async def run(self) -> None:
        """Work until `stop` is called, and finish running jobs."""
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
        """Take no more jobs."""
        self._stopping.set()
        if self._manager:
            self._manager.shutdown.set()

    async def _run_once(self) -> None:
        concurrency = self._database.settings.job_concurrency
        pool = await asyncpg.create_pool(
            self._database.dsn,
            min_size=1,
            max_size=_CONNECTIONS,
            timeout=5,
            command_timeout=_STATEMENT_SECONDS,
            server_settings={"application_name": f"junheng-{self._name}-jobs"},
        )
        async with pool:
            manager = ListeningManager(
                queries(AsyncpgPoolDriver(pool), self._name),
                channel=Channel(f"junheng_{self._name}"),
            )
            runs = JobRuns(pool, self._name, self._unwritten)
            await runs.forget_orphans()
            for kind in self._jobs.handlers:
                limit = self._jobs.at_once.get(kind, 0)
                register = manager.entrypoint(kind, concurrency_limit=limit, on_failure="hold")
                register(self._entrypoint(kind, runs))
            self._manager = manager
            if self._stopping.is_set():
                return
            periods = asyncio.create_task(enqueue_periods(pool, self._name, self._jobs))
            try:
                await manager.run(
                    dequeue_timeout=timedelta(seconds=2),
                    batch_size=max(concurrency // 2, 1),
                    max_concurrent_tasks=concurrency,
                    heartbeat_timeout=HEARTBEAT_TIMEOUT,
                    shutdown_on_listener_failure=True,
                )
            finally:
                periods.cancel()

    def _entrypoint(self, kind: str, runs: JobRuns) -> Callable[[Job], Awaitable[None]]:
        async def run(job: Job) -> None:
            started, outcome = time.perf_counter(), "failed"
            try:
                await runs.start(job.id)
                await self._handle(kind, job, runs)
                await runs.done(job.id)
                outcome = "done"
            except CrashLooping as error:
                outcome = "parked"
                log.error("job parked: its workers die", kind=kind, job=job.id)
                raise Parked(str(error)) from None
            except (Exception, asyncio.CancelledError) as error:
                outcome = "parked" if _is_hopeless(error, job.attempts) else "retried"
                await self._put_back(kind, job, runs, error, outcome)
            finally:
                observe_job(self._name, kind, outcome, time.perf_counter() - started)

        return run

    async def _handle(self, kind: str, job: Job, runs: JobRuns) -> None:
        envelope = orjson.loads(job.payload or b"{}")
        current_request_id.set(envelope["request_id"])
        progressed = partial(runs.progressed, job.id)
        context = JobContext(self._database, self._resources, job.attempts, job.id, progressed)
        longest = self._jobs.longest.get(kind, LONGEST_RUN).total_seconds()
        with span(f"job {kind}", Kind.CONSUMER, envelope.get("trace", {})):
            async with _at_most(longest):
                await self._jobs.handlers[kind](context, envelope["payload"])
        log.info("job done", kind=kind, attempt=job.attempts)

    async def _put_back(
        self, kind: str, job: Job, runs: JobRuns, error: BaseException, outcome: str
    ) -> None:
        """Return the job to the queue for another attempt, or park it.

        A cancelled run (the process ends and cannot wait) is returned, too: the library would
        otherwise drop it as cancelled.
        """
        reason = str(error) if isinstance(error, TryAgain) else describe(error)
        if _is_passing(error):
            log.info("job put off", kind=kind, attempt=job.attempts, reason=reason)
        else:
            log.error("job failed", kind=kind, attempt=job.attempts, exc_info=error)
        try:
            await runs.failed(job.id, reason)
        except Exception as fault:  # whatever it is, the job must go back
            log.warning("job's fault not written down", job=job.id, error=repr(fault))
        # Not `from error`: the queue stores the whole chain, and its texts may hold personal data.
        if outcome == "parked":
            raise Parked(reason) from None
        raise RetryRequested(delay=_delay(job.attempts, error), reason=reason) from None


@asynccontextmanager
async def _at_most(seconds: float) -> AsyncIterator[None]:
    """Limit the time of a run.

    Raises:
        TooLong: it takes longer. A `TimeoutError` that the run itself raises is passed on.
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError as error:
        if limit.expired():
            raise TooLong from error
        raise


def _is_passing(error: BaseException) -> bool:
    """Whether a run was cancelled or met an outage, such as a full disk."""
    return isinstance(error, asyncio.CancelledError) or is_outage(error)


def _is_hopeless(error: BaseException, attempts: int) -> bool:
    return attempts >= MAX_FAILURES and not _is_passing(error)


def _delay(attempts: int, error: BaseException) -> timedelta:
    """Exponential backoff with jitter in its upper half; none for a cancelled run."""
    if isinstance(error, asyncio.CancelledError):
        return timedelta()
    longest = min(FIRST_RETRY * 2 ** min(attempts, 20), LONGEST_RETRY)
    jitter = random.uniform(0.5, 1.0)  # noqa: S311 -- jitter, not a secret
    return timedelta(seconds=longest.total_seconds() * jitter)
