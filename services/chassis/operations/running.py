"""One run of one operation: its transactions, its checkpoints, its end."""

import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from services.chassis.core.errors import AppError
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, as_service
from services.chassis.operations.completion import end_operation
from services.chassis.operations.kind import End
from services.chassis.operations.operations import Operations
from services.chassis.operations.store import Job, change
from services.chassis.queue.jobs import JobContext
from services.chassis.queue.stored_problem import Refused, TwoProblems, two_problems
from services.chassis.queue.transient_errors import is_outage


class OperationRun(ABC):
    """A run; its kind adds the methods `carry_out` to `abandon`.

    Attributes:
        operations: of the kind.
        context: of the queue's job.
        job: the operation as it was when this run claimed it.
        caller: in whose name it is carried out.
        shown_every: seconds between two checkpoints.
        settings_sql: SQL that begins each of its transactions.
    """

    shown_every = 0.5
    settings_sql: ClassVar[str] = ""

    def __init__(self, operations: Operations, context: JobContext, job: Job) -> None:
        self.operations, self.context, self.job = operations, context, job
        self.kind = operations.kind
        self.caller = Caller.model_validate(job["caller"])
        self._shown_at = time.monotonic()

    @abstractmethod
    async def carry_out(self) -> None:
        """Bring the operation to its end, from wherever it stands."""

    def refusal(self, error: Exception) -> TwoProblems | None:
        """The problem that the operation fails with; None when another attempt may succeed."""
        if isinstance(error, Refused):
            return error.problem
        if isinstance(error, AppError) and not is_outage(error):
            return two_problems(error)
        return None

    def is_passing(self, error: Exception) -> bool:
        """Whether the cause of a break goes away by itself: such breaks are not counted."""
        return is_outage(error)

    @abstractmethod
    async def make_room(self, waits_for: str | None) -> None:
        """Give back what the run holds, before the operation waits for another attempt.

        Args:
            waits_for: code of the outage that it waits out, if any.
        """

    @abstractmethod
    async def leave(self) -> None:
        """Remove what runs have left, after the operation has ended."""

    @abstractmethod
    async def abandon(self) -> None:
        """Remove what this run has made, after another run has claimed the operation."""

    @asynccontextmanager
    async def as_service(self) -> AsyncIterator[Conn]:
        """A transaction of the service itself."""
        async with self.operations.database.connection(None) as connection:
            await self._prepare(connection)
            yield connection

    @asynccontextmanager
    async def as_caller(self) -> AsyncIterator[Conn]:
        """A transaction in the caller's name."""
        async with self.operations.database.connection(self.caller) as connection:
            await self._prepare(connection)
            yield connection

    @asynccontextmanager
    async def for_caller(self) -> AsyncIterator[Conn]:
        """A transaction with the rights of the service, recorded in the caller's name."""
        async with self.operations.database.connection(self.caller) as connection:
            await self._prepare(connection)
            async with as_service(connection):
                yield connection

    async def _prepare(self, connection: Conn) -> None:
        if self.settings_sql:
            await connection.execute(self.settings_sql)

    async def checkpoint(self, **values: Any) -> None:
        """Write progress down and wake watchers.

        Raises:
            Superseded: another run has the operation.
            Cancelled: it was cancelled.
        """
        async with self.as_service() as connection:
            await change(connection, self.kind, self.job, **values)
        await self.context.progressed()

    def is_due(self) -> bool:
        """Whether the last checkpoint was some time ago; the next one is written now."""
        now = time.monotonic()
        if now - self._shown_at < self.shown_every:
            return False
        self._shown_at = now
        return True

    async def end(self, end: End) -> None:
        """End the operation, and let the next in turn begin."""
        async with self.for_caller() as connection:
            await self.end_on(connection, end)
        await self.leave()

    async def end_on(self, connection: Conn, end: End) -> None:
        """End the operation in the transaction that brings its end about."""
        await end_operation(connection, self.operations, self.job, self.caller, end)
