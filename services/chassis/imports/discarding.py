"""What is kept of an import is given up: file, faults, results and key; its counts stay.

The files themselves are removed by a job that exists exactly if the transaction commits, so that
neither a file outlives its import nor an import its file.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.chassis.database.db import Conn
from services.chassis.files.held_files import release
from services.chassis.imports.imports import Imports
from services.chassis.imports.parts import forget_parts
from services.chassis.queue.jobs import JobContext, enqueue_on

DISCARD = "import.discard"
_EXPIRE = """
update import_job set is_expired = true, file_key = null, faults_listed = 0,
    expires_at = least(expires_at, now()), version = version + 1, updated_at = now()
where id = any($1)
"""


async def discard(connection: Conn, schema: str, job_ids: Sequence[UUID]) -> None:
    """Give up what is kept of some imports that have ended.

    Args:
        connection: acts as the service itself.
        schema: of the service.
        job_ids: the imports.
    """
    if not job_ids:
        return
    await connection.execute(_EXPIRE, job_ids)
    await forget_parts(connection, job_ids)
    await release(connection, job_ids)
    await enqueue_on(connection, schema, DISCARD, {"imports": [str(one) for one in job_ids]})


async def remove_discarded(context: JobContext, payload: dict[str, Any]) -> None:
    """The handler of the job: remove the files."""
    imports = context.resources[Imports]
    for job_id in payload["imports"]:
        imports.delete_files(UUID(job_id))
