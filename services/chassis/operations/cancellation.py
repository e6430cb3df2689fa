"""Cancels operations: at once when no run works on one, otherwise at the run's next step."""

from services.chassis.audit.log import record
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, as_service
from services.chassis.operations.completion import end_unattended
from services.chassis.operations.kind import CANCELLED, End, listed
from services.chassis.operations.operations import Operations
from services.chassis.operations.store import Job, state_of
from services.chassis.operations.turns import lock_turn
from services.chassis.queue.jobs import is_being_run


async def cancel_operation(
    connection: Conn, operations: Operations, caller: Caller, job: Job
) -> None:
    """Cancel an operation.

    After a break no run works on it until the queue begins the next one.

    Raises:
        OperationEnded: it has ended.
    """
    kind = operations.kind
    await lock_turn(connection, kind, job)
    sources = tuple(kind.machine.by_name["cancel"].sources)
    found = await connection.fetchrow(
        f"update {kind.table} set is_cancelled = true, version = version + 1, updated_at = now() "
        f"where id = $1 and state in ({listed(sources)}) returning *",
        job["id"],
    )
    if found is None:
        raise kind.problems.ended(state=await state_of(connection, kind, job["id"]))
    await record(connection, caller, f"{kind.name}_cancel", job["resource"], job["id"])
    async with as_service(connection):
        runs = found["state"] in kind.running
        if not (runs and await is_being_run(connection, found["worker_job_id"])):
            await end_unattended(connection, operations, found, caller, End(CANCELLED))
