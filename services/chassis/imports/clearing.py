"""Clears away what is over: files of expired imports, runs that nobody carries on, their tables.

A run whose job was given up by the queue (its workers died of it) would keep every later import
of its resource waiting: it is ended as failed.
"""

import asyncio
from typing import Any

import structlog

from services.chassis.database.auth import Caller
from services.chassis.database.db import as_service
from services.chassis.files.held_files import release_orphans
from services.chassis.imports.discarding import discard
from services.chassis.imports.ending import RUN, End, GivenUp, end_unattended
from services.chassis.imports.imports import Imports
from services.chassis.imports.stages import drop_stages, stages_left
from services.chassis.imports.store import Job, State, Superseded
from services.chassis.queue.jobs import JobContext
from services.chassis.queue.stored_problem import two_problems

log = structlog.get_logger()

_EXPIRED = """
update import_job set state = case state when 'open' then 'cancelled' else state end,
    finished_at = coalesce(finished_at, now())
where id in (
    select id from import_job where not is_expired and expires_at < now()
        and state not in ('queued', 'validating', 'loading')
    limit 100
)
returning id
"""
# Of a request that was killed before there was a job for its file, or after that was given up.
_LEFT_BEHIND = """
select id from unnest($1::uuid[]) as f (id) where not exists (
    select from import_job j where j.id = f.id and not is_expired)
"""
_IDLE_SECONDS = 3600
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
    database = imports.database
    async with database.connection(None) as connection:
        expired = await connection.fetch(_EXPIRED)
        await discard(connection, database.name, [row["id"] for row in expired])
    for row in expired:
        imports.delete_files(row["id"])
    async with database.connection(None) as connection:
        given_up = await connection.fetch(_GIVEN_UP, RUN)
    for job in given_up:
        await _give_up(imports, job)
    async with database.connection(None) as connection:
        ended = await stages_left(connection, database.name)
    for job_id in ended:
        async with database.connection(None) as connection:
            await drop_stages(connection, database.name, job_id)
    await _remove_left_behind(imports)


async def _remove_left_behind(imports: Imports) -> None:
    """Remove files that belong to no import, or to one that is over."""
    idle = await asyncio.to_thread(imports.idle_files, seconds=_IDLE_SECONDS)
    async with imports.database.connection(None) as connection:
        left = await connection.fetch(_LEFT_BEHIND, [*idle])
        await release_orphans(connection)
    for row in left:
        imports.delete_files(row["id"])


async def _give_up(imports: Imports, job: Job) -> None:
    log.error("import given up", job=str(job["id"]), state=job["state"], run=job["run"])
    caller = Caller.model_validate(job["caller"])
    end = End(State.FAILED, two_problems(GivenUp()))
    if job["is_cancelled"]:
        end = End(State.CANCELLED)
    try:
        async with (
            imports.database.connection(caller) as connection,
            as_service(connection),
        ):
            await end_unattended(connection, imports, job, caller, end)
    except Superseded:
        log.info("import has ended meanwhile", job=str(job["id"]))
