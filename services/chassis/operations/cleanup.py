"""Clears away what is over: expired files, and operations whose job the queue has given up.

An operation whose workers died of it would keep all that wait for their turn from running: it is
ended as failed.
"""

import structlog

from services.chassis.database.auth import Caller
from services.chassis.database.db import as_service
from services.chassis.operations.completion import end_unattended
from services.chassis.operations.discarding import discard
from services.chassis.operations.kind import CANCELLED, FAILED, End, OperationKind, listed
from services.chassis.operations.operations import Operations
from services.chassis.operations.store import Job, Superseded
from services.chassis.operations.turns import may_begin
from services.chassis.queue.stored_problem import two_problems

log = structlog.get_logger()


async def clear_operations(operations: Operations) -> None:
    """Clear away what is over of one kind."""
    await _expire(operations)
    async with operations.database.connection(None) as connection:
        stuck = await connection.fetch(_stuck(operations.kind), operations.kind.run_job)
    for job in stuck:
        await _give_up(operations, job)
    await operations.clear()


async def _expire(operations: Operations) -> None:
    kind = operations.kind
    async with operations.database.connection(None) as connection:
        expired = await connection.fetch(
            f"update {kind.table} set finished_at = coalesce(finished_at, now()), "
            f"state = case when state = any($1::text[]) then '{CANCELLED}' else state end "
            f"where id in (select id from {kind.table} where not is_expired and expires_at < now() "
            f"and state in ({listed(kind.quiet)}) limit 100) returning id",
            [*kind.waiting],
        )
        await discard(connection, operations, [row["id"] for row in expired])
    for row in expired:
        operations.delete_files(row["id"])


def _stuck(kind: OperationKind) -> str:
    """SQL: operations whose job is not in the queue any more, or held there as failed."""
    active = ("queued", *kind.running)
    return (
        f"select * from {kind.table} j where state in ({listed(active)}) "
        "and updated_at < now() - interval '5 minutes' and not exists (select from pgqueuer q "
        "where q.entrypoint = $1 and q.status in ('queued', 'picked') "
        f"and convert_from(q.payload, 'UTF8')::jsonb #>> '{{payload,{kind.name}}}' = j.id::text) "
        f"and {may_begin(kind)} limit 20"
    )


async def _give_up(operations: Operations, job: Job) -> None:
    kind = operations.kind
    log.error("operation given up", kind=kind.name, job=str(job["id"]), state=job["state"])
    caller = Caller.model_validate(job["caller"])
    end = End(FAILED, two_problems(kind.problems.given_up()))
    if job["is_cancelled"]:
        end = End(CANCELLED)
    try:
        async with (
            operations.database.connection(caller) as connection,
            as_service(connection),
        ):
            await end_unattended(connection, operations, job, caller, end)
    except Superseded:
        log.info("operation has ended meanwhile", kind=kind.name, job=str(job["id"]))
