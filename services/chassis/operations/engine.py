"""Carries operations out: claims one, runs it, and writes down how the run ends."""

from typing import Any
from uuid import UUID

import structlog

from services.chassis.operations.failures import break_off
from services.chassis.operations.kind import CANCELLED, FAILED, End
from services.chassis.operations.operations import Operations
from services.chassis.operations.running import OperationRun
from services.chassis.operations.store import Cancelled, Superseded, claim
from services.chassis.queue.jobs import JobContext
from services.chassis.queue.runs import describe

log = structlog.get_logger()


async def run_operation(
    operations: Operations,
    run_type: type[OperationRun],
    context: JobContext,
    payload: dict[str, Any],
) -> None:
    """Carry an operation out, if it has not ended and it is its turn.

    Raises:
        TryAgain: an outage is waited out.
        Broken: the run failed; the operation is attempted again.
    """
    kind = operations.kind
    async with operations.database.connection(None) as connection:
        values = operations.columns_of_claim()
        operation_id = UUID(payload[kind.name])
        job = await claim(connection, kind, operation_id, context.job_id, **values)
    if job is None:
        return
    run = run_type(operations, context, job)
    try:
        await _to_its_end(run)
    except Superseded:
        log.info("operation has another run", kind=kind.name, job=str(job["id"]))
        await _abandon(run)
    except Exception as error:
        await break_off(run, error)


async def _abandon(run: OperationRun) -> None:
    try:
        await run.abandon()
    except Exception as error:  # the periodic clearing does it
        log.warning("run not cleared away", job=str(run.job["id"]), error=describe(error))


async def _to_its_end(run: OperationRun) -> None:
    try:
        if run.job["is_cancelled"]:
            raise Cancelled
        await run.carry_out()
    except Superseded:
        raise
    except Cancelled:
        await run.end(End(CANCELLED))
    except Exception as error:
        problem = run.refusal(error)
        if problem is None:
            raise
        await run.end(End(FAILED, problem))
