"""Clears away what is over: files of expired imports, and runs that nobody carries on.

A run whose job was given up by the queue (its workers died of it, or it failed for hours) would
keep every later import of its resource waiting: it is ended as failed.
"""

from typing import Any
from uuid import UUID

import structlog

from services.chassis.db import Conn
from services.chassis.errors import AppError
from services.chassis.imports.imports import Imports
from services.chassis.imports.stages import drop_stages
from services.chassis.imports.store import next_in_turn
from services.chassis.imports.work import RUN
from services.chassis.jobs import JobContext, enqueue_on
from services.chassis.kept_problem import two_problems
from services.chassis.text import Text

log = structlog.get_logger()

_EXPIRED = """
update import_job set is_expired = true, file_key = null, version = version + 1, updated_at = now(),
    state = case state when 'open' then 'cancelled' else state end,
    finished_at = coalesce(finished_at, now())
where id in (
    select id from import_job where not is_expired and expires_at < now()
        and state not in ('queued', 'validating', 'loading')
    limit 100
)
returning id
"""
# Its job is not in the queue any more, or held there as failed.
_GIVEN_UP = """
select * from import_job j where state in ('queued', 'validating', 'loading')
    and updated_at < now() - interval '5 minutes' and not exists (
        select from pgqueuer q where q.entrypoint = $1 and q.status in ('queued', 'picked')
        and convert_from(q.payload, 'UTF8')::jsonb #>> '{payload,import}' = j.id::text)
    and not exists (
        select from import_job o where o.bureau_code = j.bureau_code and o.resource = j.resource
        and o.id <> j.id and (o.state in ('validating', 'loading')
            or o.state = 'queued' and (o.queued_at, o.id) < (j.queued_at, j.id)))
limit 20
"""


class GivenUp(AppError):
    """The import could not be carried out, however often it was tried."""

    status = 500
    code = "import.given_up"
    title = Text("导入未能完成", "Could not be carried out")
    detail = Text(
        "多次尝试后仍未完成;请重新导入,若再次失败请联系管理员。已导入的行数见 progress。",
        "It was tried again and again without success: import the file again, and tell whoever "
        "runs this server if that fails, too. `progress` says what has been stored.",
    )


async def clear_imports(context: JobContext, _payload: dict[str, Any]) -> None:
    """The handler of the periodic job."""
    imports: Imports = context.state.imports
    async with imports.database.connection(None) as connection:
        expired: list[UUID] = [row["id"] for row in await connection.fetch(_EXPIRED)]
        for table in ("import_fault", "import_part"):
            await connection.execute(f"delete from {table} where job_id = any($1)", expired)
    for job_id in expired:
        imports.delete_files(job_id)
    async with imports.database.connection(None) as connection:
        for job in await connection.fetch(_GIVEN_UP, RUN):
            await _give_up(connection, imports, job)


async def _give_up(connection: Conn, imports: Imports, job: Any) -> None:
    log.error("import given up", job=str(job["id"]), state=job["state"], run=job["run"])
    waiting = await next_in_turn(connection, job)
    await connection.execute(
        "update import_job set state = 'failed', problem = $2, finished_at = now(), "
        "run = run + 1, version = version + 1, updated_at = now() where id = $1",
        job["id"],
        two_problems(GivenUp()),
    )
    await drop_stages(connection, imports.database.name, job["id"])
    if waiting:
        await enqueue_on(connection, imports.database.name, RUN, {"import": str(waiting)})
