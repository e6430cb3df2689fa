"""Commit of a dry run: the same file is imported."""

from typing import Any

from services.chassis.audit.log import record
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, as_service
from services.chassis.imports.engine.imports import Imports
from services.chassis.imports.engine.kind import IMPORT_MACHINE, IMPORTS, NotCommittable
from services.chassis.imports.engine.ownership import require_opener
from services.chassis.imports.staging.parts import forget_parts
from services.chassis.operations.kind import listed
from services.chassis.operations.store import state_of
from services.chassis.queue.jobs import enqueue_on


async def commit_import(connection: Conn, imports: Imports, caller: Caller, job: Any) -> None:
    """Apply a completed dry run; everything is checked again, as things are now.

    Raises:
        NotYours: somebody else has opened it.
        NotCommittable: it is none, or its file is gone.
    """
    require_opener(job, caller)
    sources = tuple(IMPORT_MACHINE.by_name["commit"].sources)
    committed = await connection.fetchval(
        "update import_job set dry_run = false, state = 'queued', caller = $2::text::jsonb, "
        "queued_at = clock_timestamp(), started_at = null, finished_at = null, loading_at = null, "
        "rows = 0, created = 0, updated = 0, unchanged = 0, failed = 0, removed = 0, breaks = 0, "
        "bytes_read = 0, kept = '{}', fault_codes = '{}', faults_listed = 0, is_judged = true, "
        "version = version + 1, updated_at = now() where id = $1 "
        f"and state in ({listed(sources)}) and dry_run and not is_expired returning true",
        job["id"],
        caller.model_dump_json(),  # as text: the connection may have no codec for JSON
    )
    if not committed:
        raise NotCommittable(state=await state_of(connection, IMPORTS, job["id"]))
    async with as_service(connection):
        await forget_parts(connection, [job["id"]])
    await record(connection, caller, "import_commit", job["resource"], job["id"])
    await enqueue_on(connection, imports.database.name, IMPORTS.run_job, IMPORTS.payload(job["id"]))
