"""Rows of operations, as the run that works on one reads and writes them.

Every write names the run that it belongs to. A run that was taken for dead, and is alive, finds
another number in the row and stops (`Superseded`).
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from services.chassis.database.db import Conn
from services.chassis.operations.kind import CANCELLED, ENDED, FAILED, OperationKind, listed
from services.chassis.operations.turns import lock_turn, may_begin

Job = asyncpg.Record

_NOT_ENDED = f"state not in ({listed(ENDED)})"


class Superseded(Exception):
    """Another run has claimed the operation, or it has ended."""


class Cancelled(Exception):
    """The operation was cancelled: what the transaction has done is to be undone."""


async def claim(
    connection: Conn, kind: OperationKind, operation_id: UUID, worker_job_id: int, **values: Any
) -> Job | None:
    """Begin a new run; None when the operation has ended, runs elsewhere or must wait its turn.

    Args:
        connection: acts as the service itself.
        kind: of the operation.
        operation_id: its id.
        worker_job_id: the job of the queue that carries it out. Another job that is still in the
            queue keeps the operation: a turn can be announced twice.
        values: columns that a new run sets.
    """
    if kind.turn:
        columns = ", ".join(kind.turn)
        group = await connection.fetchrow(
            f"select {columns} from {kind.table} where id = $1", operation_id
        )
        if group is None:
            return None
        await lock_turn(connection, kind, group)
    return await connection.fetchrow(
        f"update {kind.table} j set run = run + 1, version = version + 1, updated_at = now(), "
        f"state = case state when 'queued' then '{kind.first}' else state end, "
        "started_at = coalesce(started_at, now()), worker_job_id = $2, waits_for = null"
        f"{_assigned(values, 3)} where id = $1 and (state = 'queued' or state in "
        f"({listed(kind.running)}) and not exists (select from pgqueuer q "
        "where q.id = j.worker_job_id and q.id <> $2 and q.status in ('queued', 'picked'))) "
        f"and {may_begin(kind)} returning *",
        operation_id,
        worker_job_id,
        *values.values(),
    )


async def change(connection: Conn, kind: OperationKind, job: Job, **values: Any) -> None:
    """Write columns of the row; without any, only count up its version for watchers.

    Raises:
        Superseded: another run has the operation.
        Cancelled: it was cancelled, and this is no failure.
    """
    found = await connection.fetchrow(
        f"update {kind.table} set version = version + 1, updated_at = now(){_assigned(values, 3)} "
        f"where id = $1 and run = $2 and {_NOT_ENDED} returning is_cancelled, state",
        job["id"],
        job["run"],
        *values.values(),
    )
    if found is None:
        raise Superseded
    if found["is_cancelled"] and found["state"] not in (FAILED, CANCELLED):
        raise Cancelled


async def release(connection: Conn, kind: OperationKind, job: Job, *, waits_for: str | None) -> Job:
    """Note that no run works on the operation for the time being.

    Args:
        connection: acts as the service itself.
        kind: of the operation.
        job: the operation.
        waits_for: code of the outage that is waited out; None when the run broke off for a fault
            of its own, which is counted.

    Raises:
        Superseded: another run has it.
    """
    more = "".join(f", {column} = {sql}" for column, sql in kind.released.items())
    found = await connection.fetchrow(
        f"update {kind.table} set worker_job_id = null, waits_for = $3, version = version + 1, "
        "breaks = breaks + case when $3::text is null then 1 else 0 end, "
        f"updated_at = now(){more} where id = $1 and run = $2 and {_NOT_ENDED} returning *",
        job["id"],
        job["run"],
        waits_for,
    )
    if found is None:
        raise Superseded
    return found


async def supersede(connection: Conn, kind: OperationKind, operation_id: UUID) -> Job:
    """Take the operation from any run that may still have it.

    A transaction of that run which holds the row is waited for.

    Raises:
        Superseded: the operation has ended.
    """
    found = await connection.fetchrow(
        f"update {kind.table} set run = run + 1 where id = $1 and {_NOT_ENDED} returning *",
        operation_id,
    )
    if found is None:
        raise Superseded
    return found


async def stamp(connection: Conn, kind: OperationKind, job: Job, column: str) -> None:
    """Write the present time into a column."""
    await connection.execute(
        f"update {kind.table} set {column} = clock_timestamp() where id = $1", job["id"]
    )


async def state_of(connection: Conn, kind: OperationKind, operation_id: UUID) -> str:
    """The present state of an operation."""
    state: str = await connection.fetchval(
        f"select state from {kind.table} where id = $1", operation_id
    )
    return state


def _assigned(columns: dict[str, Any] | Sequence[str], first: int) -> str:
    return "".join(f", {name} = ${i}" for i, name in enumerate(columns, first))
