"""Counts of an import's rows: sums over its parts."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from services.chassis.database.db import Conn
from services.chassis.operations.store import Job


class Counts(NamedTuple):
    """Counts of rows; the names are columns of the job."""

    bytes_read: int = 0
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0


_COUNTED = """
select coalesce(sum(bytes), 0)::bigint as bytes_read, coalesce(sum(rows), 0)::bigint as rows,
    coalesce(sum(created_count), 0)::bigint as created,
    coalesce(sum(updated_count), 0)::bigint as updated,
    coalesce(sum((rows - failed - created_count - updated_count) * is_merged::int), 0)::bigint
        as unchanged,
    coalesce(sum(failed), 0)::bigint as failed
from import_part where job_id = $1
"""


async def counted(connection: Conn, job: Job | Mapping[str, Any]) -> Counts:
    """Counts of the rows of merged parts, and of all faulty ones."""
    row = await connection.fetchrow(_COUNTED, job["id"])
    assert row is not None
    return Counts(**row)


async def foreseen(connection: Conn, job: Job, changed: str) -> Counts:
    """Counts of the rows that would be created and updated."""
    row = await connection.fetchrow(
        f"select count(*) filter (where _id is null) as created, "
        f"count(*) filter (where _id is not null) as updated from {changed}"
    )
    assert row is not None
    found = await counted(connection, job)
    unchanged = found.rows - found.failed - row["created"] - row["updated"]
    return found._replace(**row, unchanged=unchanged)
