"""The rows of export jobs, as the run that works on one reads and writes it.

Every write names the run it belongs to. A run that was believed dead and is not finds its number
replaced, and stops (`Superseded`).
"""

from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg

from services.chassis.database.db import Conn

Job = asyncpg.Record


class State(StrEnum):
    """Where an export stands (导出状态)."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = (State.COMPLETED, State.FAILED, State.CANCELLED)


class Superseded(Exception):
    """Another run has taken the job over."""


class Cancelled(Exception):
    """Somebody has called the export off."""


async def take(connection: Conn, job_id: UUID, file_key: bytes) -> Job | None:
    """The job, begun or begun again by a new run; None when it is over.

    Args:
        connection: of the service itself.
        job_id: the export.
        file_key: wrapped; each run writes a file of its own.
    """
    return await connection.fetchrow(
        "update export_job set run = run + 1, file_key = $2, state = 'running', bytes = 0, "
        "started_at = coalesce(started_at, now()), waits_for = null, version = version + 1, "
        "updated_at = now() "
        "where id = $1 and state in ('queued', 'running') returning *",
        job_id,
        file_key,
    )


async def change(connection: Conn, job: Job, **values: Any) -> None:
    """Write some columns of the job down.

    Raises:
        Superseded: it is another run's by now, or over.
        Cancelled: somebody has called it off: it is not completed any more.
    """
    assigned = "".join(f"{name} = ${i}, " for i, name in enumerate(values, 3))
    found = await connection.fetchrow(
        f"update export_job set {assigned} version = version + 1, updated_at = now() "
        "where id = $1 and run = $2 and state = 'running' returning is_cancelled, state",
        job["id"],
        job["run"],
        *values.values(),
    )
    if found is None:
        raise Superseded
    if found["is_cancelled"] and found["state"] in (State.RUNNING, State.COMPLETED):
        raise Cancelled


async def put_back(connection: Conn, job: Job, waits_for: str) -> None:
    """Let the job wait in the queue until another run takes it.

    Args:
        connection: in the caller's context.
        job: the export.
        waits_for: the code of the outage that is waited out.

    Raises:
        Superseded: it is another run's by now, or over.
        Cancelled: somebody has called it off.
    """
    await change(connection, job, waits_for=waits_for)
    await connection.execute(
        "update export_job set state = 'queued', bytes = 0 where id = $1", job["id"]
    )


async def end(connection: Conn, job: Job, state: State, **values: Any) -> None:
    """Write the end down.

    Raises:
        Superseded: it is another run's by now, or over.
        Cancelled: it was to be completed, and has been called off.
    """
    await change(connection, job, state=state, **values)
    await connection.execute(
        "update export_job set finished_at = clock_timestamp() where id = $1", job["id"]
    )
