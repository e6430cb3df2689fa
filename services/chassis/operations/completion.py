"""The end of an operation: written down, recorded, and the next in turn enqueued."""

from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from services.chassis.audit.log import record
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.operations.kind import End
from services.chassis.operations.operations import Operations
from services.chassis.operations.store import Job, change, stamp, supersede
from services.chassis.operations.turns import lock_turn, next_in_turn
from services.chassis.queue.jobs import enqueue_on

log = structlog.get_logger()


async def end_operation(
    connection: Conn, operations: Operations, job: Job, caller: Caller, end: End
) -> None:
    """End an operation in the current transaction.

    Args:
        connection: acts as the service itself.
        operations: of the kind.
        job: the operation, with the number of the run that ends it.
        caller: in whose name.
        end: its state, problem and result.

    Raises:
        Superseded: another run has it.
        Cancelled: it was cancelled, and this is no failure.
    """
    kind = operations.kind
    following = await next_in_turn(connection, kind, job)
    summary = await operations.summary(connection, job, end)
    await change(
        connection,
        kind,
        job,
        state=end.state,
        waits_for=None,
        problem=end.problem and as_json(end.problem),
        **summary.columns,
    )
    await stamp(connection, kind, job, "finished_at")
    await operations.ended(connection, job, end, summary)
    entry = {"state": end.state, **summary.detail}
    await record(connection, caller, kind.name, job["resource"], job["id"], detail=entry)
    if following:
        schema = operations.database.name
        await enqueue_on(connection, schema, kind.run_job, kind.payload(following))
    seconds = job["started_at"] and (datetime.now(UTC) - job["started_at"]).total_seconds()
    log.info(
        f"{kind.name} ended",
        job=str(job["id"]),
        resource=job["resource"],
        seconds=seconds and round(seconds, 2),
        **entry,
    )


async def end_unattended(
    connection: Conn, operations: Operations, job: Job, caller: Caller, end: End
) -> None:
    """End an operation that no run works on; what it has stored stays.

    A run that is alive nevertheless finds itself superseded. What it uses is not removed here, as
    that would wait for it: the periodic clearing does so.

    Raises:
        Superseded: the operation has ended.
    """
    await lock_turn(connection, operations.kind, job)
    job = await supersede(connection, operations.kind, job["id"])
    await end_operation(connection, operations, job, caller, end)


def as_json(document: Any) -> str:
    """A document as JSON text: not every connection has a codec for JSON."""
    return orjson.dumps(document, default=str).decode()
