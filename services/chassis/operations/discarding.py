"""Gives up the files of operations that have ended; their rows and counts stay.

The files are removed by a job that exists exactly if the transaction commits: no file outlives
its operation, and no operation its file.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.chassis.audit.log import record
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, as_service
from services.chassis.files.held_files import release
from services.chassis.operations.kind import ENDED
from services.chassis.operations.operations import Operations
from services.chassis.operations.store import Job
from services.chassis.queue.jobs import enqueue_on


async def discard(connection: Conn, operations: Operations, operation_ids: Sequence[UUID]) -> None:
    """Give up what is kept of operations that have ended.

    Args:
        connection: acts as the service itself.
        operations: of the kind.
        operation_ids: the operations.
    """
    if not operation_ids:
        return
    kind = operations.kind
    more = "".join(f", {column} = {sql}" for column, sql in kind.forgotten.items())
    await connection.execute(
        f"update {kind.table} set is_expired = true, file_key = null, "
        f"expires_at = least(expires_at, now()), version = version + 1, updated_at = now(){more} "
        "where id = any($1)",
        operation_ids,
    )
    await operations.forget(connection, operation_ids)
    await drop_files(connection, operations, operation_ids)


async def drop_files(
    connection: Conn, operations: Operations, operation_ids: Sequence[UUID]
) -> None:
    """Have the files of operations removed once the transaction commits."""
    await release(connection, operation_ids)
    payload = {"ids": [str(one) for one in operation_ids]}
    kind = operations.kind
    await enqueue_on(connection, operations.database.name, kind.discard_job, payload)


def remove_files(operations: Operations, payload: dict[str, Any]) -> None:
    """Remove the files that a job names."""
    # Jobs of imports that were queued before the operation engine name them `imports`.
    for operation_id in payload.get("ids") or payload["imports"]:
        operations.delete_files(UUID(operation_id))


async def discard_operation(
    connection: Conn, operations: Operations, caller: Caller, job: Job
) -> None:
    """Give up the files of an operation that has ended, before they expire.

    Raises:
        OperationNotEnded: they are still needed.
    """
    kind = operations.kind
    locked = await connection.fetchrow(
        f"select state, is_expired from {kind.table} where id = $1 for update", job["id"]
    )
    assert locked is not None, "no operation is ever deleted"
    if locked["state"] not in ENDED:
        raise kind.problems.not_ended(state=locked["state"])
    if not locked["is_expired"]:
        async with as_service(connection):
            await discard(connection, operations, [job["id"]])
        await record(connection, caller, f"{kind.name}_discard", job["resource"], job["id"])
