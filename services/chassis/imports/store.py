"""The rows of import jobs, as the run that works on them reads and writes them.

Every write names the run it belongs to. A run that was believed dead and is not finds its number
replaced, and stops (`Superseded`).
"""

from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from services.chassis.database.db import Conn
from services.chassis.imports.inspecting import Inspected
from services.chassis.imports.splitting import Part

Job = asyncpg.Record


class State(StrEnum):
    """Where an import stands (导入状态)."""

    OPEN = "open"
    QUEUED = "queued"
    VALIDATING = "validating"
    LOADING = "loading"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


RUNNING = (State.VALIDATING, State.LOADING)
ENDED = (State.COMPLETED, State.FAILED, State.CANCELLED)
_IN_VAIN = (State.FAILED, State.CANCELLED)


class Superseded(Exception):
    """Another run has taken the job over."""


class Cancelled(Exception):
    """Somebody has called the import off."""


class StagedPart(NamedTuple):
    """A part, and what staging it has found.

    Attributes:
        part: where it lies.
        rows: how many it has.
        faults: how many faults there are.
    """

    part: Part
    rows: int
    faults: int


class Counts(NamedTuple):
    """What has become of the rows so far: the columns of the job, added up from its parts."""

    bytes_read: int = 0
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0


_LOCK_GROUP = "select pg_advisory_xact_lock(hashtext($1 || '/import/' || $2))"
# Imports of one resource of one bureau take turns, in the order in which they were queued.
_TAKE = """
update import_job j set run = run + 1, version = version + 1, updated_at = now(),
    state = case state when 'queued' then 'validating' else state end,
    started_at = coalesce(started_at, now()), carried_by = $2, waits_for = null
where id = $1 and (state = 'queued' or state in ('validating', 'loading') and not exists (
    select from pgqueuer q where q.id = j.carried_by and q.id <> $2
    and q.status in ('queued', 'picked')))
and not exists (
    select from import_job o where o.bureau_code = j.bureau_code and o.resource = j.resource
    and o.id <> j.id and (o.state in ('validating', 'loading')
        or o.state = 'queued' and (o.queued_at, o.id) < (j.queued_at, j.id)))
returning *
"""
_NEXT = """
select id from import_job where bureau_code = $1 and resource = $2 and state = 'queued'
    and id <> $3 and not exists (
        select from import_job o where o.bureau_code = $1 and o.resource = $2 and o.id <> $3
        and o.state in ('validating', 'loading'))
order by queued_at, id limit 1
"""


async def take(connection: Conn, job_id: UUID, carrier: int) -> Job | None:
    """The job, begun or taken up again by a new run; None when it is not its turn, or over.

    Args:
        connection: acts as the service itself.
        job_id: the import.
        carrier: the job of the queue that would carry it out. When another one does, which is in
            the queue still, there is nothing to do: a turn can be announced twice.
    """
    group = await connection.fetchrow(
        "select bureau_code, resource from import_job where id = $1", job_id
    )
    if group is None:
        return None
    await connection.execute(_LOCK_GROUP, *group)
    return await connection.fetchrow(_TAKE, job_id, carrier)


async def lock_turn(connection: Conn, job: Job) -> None:
    """Keep whose turn it is as it is for the rest of this transaction.

    Who locks the job as well does it afterwards, or two wait for each other.
    """
    await connection.execute(_LOCK_GROUP, job["bureau_code"], job["resource"])


async def next_in_turn(connection: Conn, job: Job) -> UUID | None:
    """The import that may begin once this one is over, which it is after this transaction."""
    await lock_turn(connection, job)
    waiting: UUID | None = await connection.fetchval(
        _NEXT, job["bureau_code"], job["resource"], job["id"]
    )
    return waiting


async def supersede(connection: Conn, job: Job) -> Job:
    """Take the job away from any run that may have it still.

    A part that such a run is about to have merged is waited for; it merges no other.

    Raises:
        Superseded: the job has ended by now.
    """
    found = await connection.fetchrow(
        "update import_job set run = run + 1 "
        "where id = $1 and state not in ('completed', 'failed', 'cancelled') returning *",
        job["id"],
    )
    if found is None:
        raise Superseded
    return found


async def put_down(connection: Conn, job: Job, *, waits_for: str | None) -> Job:
    """Note that nobody carries the job out for the time being.

    Args:
        connection: acts as the service itself.
        job: the import.
        waits_for: the code of the outage that is waited out; None when the run broke off for a
            fault of its own, which is counted.

    Raises:
        Superseded: it is another run's by now.
    """
    found = await connection.fetchrow(
        "update import_job set carried_by = null, waits_for = $3, version = version + 1, "
        "breaks = breaks + case when $3::text is null then 1 else 0 end, updated_at = now() "
        "where id = $1 and run = $2 returning *",
        job["id"],
        job["run"],
        waits_for,
    )
    if found is None:
        raise Superseded
    return found


async def change(connection: Conn, job: Job, **values: Any) -> None:
    """Write some columns of the job down; without any, only that there is news of it.

    Raises:
        Superseded: it is another run's by now.
        Cancelled: somebody has called it off; what this transaction has done is to be undone.
    """
    assigned = "".join(f"{name} = ${i}, " for i, name in enumerate(values, 3))
    found = await connection.fetchrow(
        f"update import_job set {assigned}version = version + 1, updated_at = now() "
        "where id = $1 and run = $2 returning is_cancelled, state",
        job["id"],
        job["run"],
        *values.values(),
    )
    if found is None:
        raise Superseded
    if found["is_cancelled"] and found["state"] not in _IN_VAIN:
        raise Cancelled


async def keep_inspected(connection: Conn, job: Job, found: Inspected) -> None:
    """Keep how the file is laid out."""
    await change(
        connection,
        job,
        layout=found.layout.model_dump(),
        format=found.format,
        encoding=found.encoding,
        is_rewritten=found.is_rewritten,
    )


async def begin_loading(connection: Conn, job: Job) -> None:
    """Everything is judged: what comes now can be taken up in the middle."""
    await change(connection, job, state=State.LOADING)
    await stamp(connection, job, "loading_at")


async def stamp(connection: Conn, job: Job, column: str) -> None:
    """Write down that something happens now."""
    await connection.execute(
        f"update import_job set {column} = clock_timestamp() where id = $1", job["id"]
    )
