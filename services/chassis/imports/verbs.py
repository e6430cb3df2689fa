"""What can be done with an import beside opening it: cancel, commit, discard."""

from typing import Any

from services.chassis.audit.log import record
from services.chassis.core.errors import Conflict
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, as_service
from services.chassis.imports.discarding import discard
from services.chassis.imports.ending import RUN, End, end_unattended
from services.chassis.imports.imports import Imports
from services.chassis.imports.ownership import require_opener
from services.chassis.imports.parts import forget_parts
from services.chassis.imports.queries import state_of
from services.chassis.imports.store import ENDED, RUNNING, State, lock_turn
from services.chassis.queue.jobs import enqueue_on, is_being_run


class Ended(Conflict):
    """There is nothing left to cancel."""

    code = "import.ended"
    title = Text("导入已结束", "The import has ended")
    detail = Text("该导入的状态为 {state}。", "This import is {state}.")


class NotCommittable(Conflict):
    """Only a dry run that has ended well can be applied."""

    code = "import.not_committable"
    title = Text("不能提交", "Cannot be committed")
    detail = Text(
        "只有已完成且未过期的试运行才能提交;该导入的状态为 {state}。",
        "Only a completed dry run that has not expired can be committed; this one is {state}.",
    )


class NotEnded(Conflict):
    """Its file is still needed."""

    code = "import.not_ended"
    title = Text("导入尚未结束", "The import has not ended")
    detail = Text(
        "该导入的状态为 {state};请先取消,或等待其结束。",
        "This import is {state}: cancel it, or wait for its end.",
    )


_CANCEL = """
update import_job set is_cancelled = true, version = version + 1, updated_at = now()
where id = $1 and state not in ('completed', 'failed', 'cancelled')
returning *
"""


async def cancel_import(connection: Conn, imports: Imports, caller: Caller, job: Any) -> None:
    """Call an import off: at its next step if somebody carries it out just now, or at once.

    A run that breaks off is carried out by nobody until the queue takes it up again.

    Raises:
        Ended: it is over.
    """
    await lock_turn(connection, job)
    found = await connection.fetchrow(_CANCEL, job["id"])
    if found is None:
        raise Ended(state=await state_of(connection, job["id"]))
    await record(connection, caller, "import_cancel", job["resource"], job["id"])
    async with as_service(connection):
        runs = found["state"] in RUNNING
        if not (runs and await is_being_run(connection, found["carried_by"])):
            await end_unattended(connection, imports, found, caller, End(State.CANCELLED))


async def commit_import(connection: Conn, imports: Imports, caller: Caller, job: Any) -> None:
    """Apply a completed dry run; everything is checked again, as things are now.

    Raises:
        NotYours: somebody else has opened it.
        NotCommittable: it is none, or its file is gone.
    """
    require_opener(job, caller)
    committed = await connection.fetchval(
        "update import_job set dry_run = false, state = 'queued', caller = $2::text::jsonb, "
        "queued_at = clock_timestamp(), started_at = null, finished_at = null, loading_at = null, "
        "rows = 0, created = 0, updated = 0, unchanged = 0, failed = 0, removed = 0, breaks = 0, "
        "bytes_read = 0, kept = '{}', fault_codes = '{}', faults_listed = 0, is_judged = true, "
        "version = version + 1, updated_at = now() where id = $1 and state = 'completed' "
        "and dry_run and not is_expired returning true",
        job["id"],
        caller.model_dump_json(),  # as text: the connection may have no codec for JSON
    )
    if not committed:
        raise NotCommittable(state=await state_of(connection, job["id"]))
    async with as_service(connection):
        await forget_parts(connection, [job["id"]])
    await record(connection, caller, "import_commit", job["resource"], job["id"])
    await enqueue_on(connection, imports.database.name, RUN, {"import": str(job["id"])})


async def discard_import(connection: Conn, imports: Imports, caller: Caller, job: Any) -> None:
    """Give up the file, faults and results of an import that has ended, before they expire.

    Raises:
        NotEnded: they are still needed.
    """
    locked = await connection.fetchrow(
        "select state, is_expired from import_job where id = $1 for update", job["id"]
    )
    assert locked is not None, "no import is ever deleted"
    if locked["state"] not in ENDED:
        raise NotEnded(state=locked["state"])
    if not locked["is_expired"]:
        async with as_service(connection):
            await discard(connection, imports.database.name, [job["id"]])
        await record(connection, caller, "import_discard", job["resource"], job["id"])
