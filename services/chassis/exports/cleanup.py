"""Clears away what is over: files of expired exports, and exports that nobody carries on."""

from typing import Any

import structlog

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text
from services.chassis.exports.exports import Exports
from services.chassis.exports.runner import RUN
from services.chassis.files.held_files import release
from services.chassis.queue.jobs import JobContext
from services.chassis.queue.stored_problem import two_problems

log = structlog.get_logger()

# With the file goes the key that the request was sent under: it may be used anew.
_EXPIRE = """
update export_job set is_expired = true, file_key = null, idempotency_key = null,
    version = version + 1, updated_at = now()
where id in (
    select id from export_job where not is_expired and expires_at < now()
        and state not in ('queued', 'running')
    limit 100
)
returning id
"""
# Its job is not in the queue any more, or held there as failed.
_GIVE_UP = """
update export_job j set state = 'failed', problem = $2, finished_at = now(), run = run + 1,
    waits_for = null, version = version + 1, updated_at = now()
where state in ('queued', 'running') and updated_at < now() - interval '5 minutes'
    and not exists (
        select from pgqueuer q where q.entrypoint = $1 and q.status in ('queued', 'picked')
        and convert_from(q.payload, 'UTF8')::jsonb #>> '{payload,export}' = j.id::text)
returning id
"""


class GivenUp(AppError):
    """The export could not be carried out, however often it was tried."""

    status = 500
    code = "export.given_up"
    title = Text("导出未能完成", "Could not be carried out")
    detail = Text(
        "多次尝试后仍未完成;请重新导出,若再次失败请联系管理员。",
        "It was tried again and again without success: export again, and tell whoever runs this "
        "server if that fails, too.",
    )


async def clear_exports(context: JobContext, _payload: dict[str, Any]) -> None:
    """The handler of the periodic job."""
    exports = context.resources[Exports]
    async with exports.database.connection(None) as connection:
        expired = await connection.fetch(_EXPIRE)
        given_up = await connection.fetch(_GIVE_UP, RUN, two_problems(GivenUp()))
        await release(connection, [row["id"] for row in (*expired, *given_up)])
        # Before the commit: were the process killed in between, they would stay for ever.
        for row in (*expired, *given_up):
            exports.delete_files(row["id"])
    if given_up:
        log.error("exports given up", jobs=[str(row["id"]) for row in given_up])
