"""Clears away what is over: files of expired imports, runs that nobody carries on, their tables.

A run whose job was given up by the queue (its workers died of it) would keep every later import
of its resource waiting: it is ended as failed.
"""

from typing import Any
from uuid import UUID

import structlog

from services.chassis.database.auth import Caller
from services.chassis.imports.ending import RUN, GivenUp, end_unattended
from services.chassis.imports.imports import Imports
from services.chassis.imports.stages import drop_stages, stages_left
from services.chassis.imports.store import Job, State, Superseded
from services.chassis.queue.jobs import JobContext
from services.chassis.queue.stored_problem import two_problems

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


async def clear_imports(context: JobContext, _payload: dict[str, Any]) -> None:
    """The handler of the periodic job."""
    imports = context.resources[Imports]
    async with imports.database.connection(None) as connection:
        expired: list[UUID] = [row["id"] for row in await connection.fetch(_EXPIRED)]
        for table in ("import_fault", "import_part"):
            await connection.execute(f"delete from {table} where job_id = any($1)", expired)
    for job_id in expired:
        imports.delete_files(job_id)
    async with imports.database.connection(None) as connection:
        given_up = await connection.fetch(_GIVEN_UP, RUN)
    for job in given_up:
        await _give_up(imports, job)
    async with imports.database.connection(None) as connection:
        ended = await stages_left(connection, imports.database.name)
    for job_id in ended:
        async with imports.database.connection(None) as connection:
            await drop_stages(connection, imports.database.name, job_id)


async def _give_up(imports: Imports, job: Job) -> None:
    log.error("import given up", job=str(job["id"]), state=job["state"], run=job["run"])
    caller = Caller.model_validate(job["caller"])
    state, problem = State.FAILED, two_problems(GivenUp())
    if job["is_cancelled"]:
        state, problem = State.CANCELLED, {}
    name = imports.database.name
    try:
        async with imports.database.connection(None) as connection:
            await end_unattended(connection, name, job, caller, state, problem=problem or None)
    except Superseded:
        log.info("import has ended meanwhile", job=str(job["id"]))
