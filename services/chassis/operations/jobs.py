"""The queue's jobs of one kind of operation: run, clear, remove files."""

from typing import Any

from services.chassis.operations.cleanup import clear_operations
from services.chassis.operations.discarding import remove_files
from services.chassis.operations.engine import run_operation
from services.chassis.operations.operations import Operations
from services.chassis.operations.running import OperationRun
from services.chassis.queue.jobs import JobContext, Jobs


def operation_jobs(owner: type[Operations], run_type: type[OperationRun]) -> Jobs:
    """The jobs of a kind.

    Args:
        owner: the type of its operations among the resources of a process.
        run_type: carries one out.
    """
    jobs, kind = Jobs(), owner.kind

    @jobs.handles(kind.run_job, longest=kind.longest, at_once=kind.at_once)
    async def run(context: JobContext, payload: dict[str, Any]) -> None:
        await run_operation(context.resources[owner], run_type, context, payload)

    @jobs.handles(kind.clear_job, every="*/5 * * * *")
    async def clear(context: JobContext, _payload: dict[str, Any]) -> None:
        await clear_operations(context.resources[owner])

    @jobs.handles(kind.discard_job)
    async def discard(context: JobContext, payload: dict[str, Any]) -> None:
        remove_files(context.resources[owner], payload)

    return jobs
