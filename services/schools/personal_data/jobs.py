"""The job that carries a key rotation through."""

from typing import Any
from uuid import UUID

from services.chassis.database.encrypted_columns import KeyRing
from services.chassis.queue.jobs import JobContext, Jobs, TryAgain
from services.schools.personal_data.rotation import rotate_chunk

ROTATE = "personal-data.rotate"

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
