"""The jobs on personal data: a key rotation, and the deletion of settled reports."""

from typing import Any
from uuid import UUID

from services.chassis.database.encrypted_columns import KeyRing
from services.chassis.queue.jobs import JobContext, Jobs, TryAgain
from services.schools.personal_data.rotation import rotate_chunk
from services.schools.settings import SchoolsSettings

ROTATE = "personal-data.rotate"
CLEAR_REPORTS = "id-number-reports.clear"
_CLEAR = """
delete from id_number_report
where state <> 'open' and coalesce(settled_at, created_at) < now() - make_interval(days => $1)
"""

JOBS = Jobs()


@JOBS.handles(ROTATE)
async def rotate(context: JobContext, payload: dict[str, Any]) -> None:
    """Re-encrypt until no ID number needs an old key; begun anew, it goes on where it was.

    Raises:
        TryAgain: what is left is locked, or is still being written under an old key.
    """
    rotation = UUID(payload["rotation"])
    while (state := await rotate_chunk(context.database, context.resources[KeyRing], rotation)) != (
        "completed"
    ):
        if state == "stuck":
            raise TryAgain("rows are locked or written under an old key")


@JOBS.handles(CLEAR_REPORTS, every="17 3 * * *")
async def clear_reports(context: JobContext, _payload: dict[str, Any]) -> None:
    """Delete the reported ID numbers that were settled long ago."""
    days = context.resources[SchoolsSettings].id_number_report_days
    async with context.database.connection(None) as connection:
        await connection.execute(_CLEAR, days)
