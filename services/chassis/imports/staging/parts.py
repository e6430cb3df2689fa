"""Stored parts of an import: their place in the file and the outcome of their rows.

A part is inserted in the transaction that stages it and updated in the transaction that merges it.
The counts of an import are sums over its parts, so they are correct whenever a process dies.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from services.chassis.database.db import Conn
from services.chassis.imports.checks.rows import Staged
from services.chassis.imports.formats.splitting import Part
from services.chassis.imports.staging.comparison import Run
from services.chassis.imports.staging.failed_parts import PART_COLUMNS
from services.chassis.imports.staging.faults import list_faults
from services.chassis.imports.staging.passed_rows import stored
from services.chassis.imports.staging.row_sets import pack
from services.chassis.operations.store import Job, Superseded


class StagedPart(NamedTuple):
    """A staged part with its counts.

    Attributes:
        part: its place in the file.
        rows: number of its rows.
        faults: number of its faults.
    """

    part: Part
    rows: int
    faults: int


_ENTER = """
insert into import_part (job_id, bureau_code, number, start_byte, bytes, first_row, records, rows,
    failed, broken, codes, passed)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (job_id, number) do nothing returning true
"""


async def enter_part(connection: Conn, run: Run, part: Part, staged: Staged) -> None:
    """Insert a staged part with its faulty rows; a part that exists stays as it is.

    Args:
        connection: acts as the service itself.
        run: of the import.
        part: of its file.
        staged: its rows.

    Raises:
        Superseded: another run has claimed the import.
    """
    number = await connection.fetchval(
        "select run from import_job where id = $1 for share", run.job
    )
    if number != run.number:
        raise Superseded
    found = staged.findings
    is_new = await connection.fetchval(
        _ENTER,
        run.job,
        run.bureau,
        *part,
        staged.rows,
        len(found.rows),
        pack(found.rows, part) if found.rows else None,
        found.codes,
        stored(staged.passed, part),
    )
    if is_new:
        await list_faults(connection, run, part, found.listed)


async def forget_parts(connection: Conn, job_ids: Sequence[UUID]) -> None:
    """Delete parts and faults of some imports, as the service itself."""
    await connection.execute("delete from import_fault where job_id = any($1)", job_ids)
    await connection.execute("delete from import_part where job_id = any($1)", job_ids)


async def parts_to_merge(connection: Conn, job: Job) -> list[StagedPart]:
    """The parts that are not merged yet."""
    rows = await connection.fetch(
        f"select {PART_COLUMNS}, rows from import_part "
        "where job_id = $1 and not is_merged order by number",
        job["id"],
    )
    return [StagedPart(Part(*[*row.values()][:5]), row["rows"], 0) for row in rows]


async def mark_untouched(connection: Conn, job: Job, tables: Sequence[str]) -> list[int]:
    """Mark parts without rows in these tables as merged, and return the other parts in order."""
    empty = [f"not exists (select from {table} s where s._part = p.number)" for table in tables]
    await connection.execute(
        "update import_part p set is_merged = true where job_id = $1 and not is_merged "
        f"and {' and '.join(empty)}",
        job["id"],
    )
    rows = await connection.fetch(
        "select number from import_part where job_id = $1 and not is_merged order by number",
        job["id"],
    )
    return [row["number"] for row in rows]


_MERGED = """
update import_part p set is_merged = true, created = m.created, updated = m.updated,
    created_count = m.created_count, updated_count = m.updated_count
from (select
    range_agg(int8range(_row, _row, '[]')) filter (where _id is null) as created,
    range_agg(int8range(_row, _row, '[]')) filter (where _id is not null) as updated,
    count(*) filter (where _id is null) as created_count,
    count(*) filter (where _id is not null) as updated_count
    from {changed} s where _part = $2) m
where p.job_id = $1 and p.number = $2 and not p.is_merged
    and (select run from import_job where id = $1 for share) = $3 returning true
"""


async def mark_merged(connection: Conn, job: Job, changed: str, number: int) -> None:
    """Mark a part as merged, in the transaction that merges it.

    Until it commits, no other run can claim the job (`for share`).

    Args:
        connection: acts as the service itself.
        job: the import.
        changed: the table with the rows of the part that were applied.
        number: of the part.

    Raises:
        Superseded: another run has claimed the job or merged the part.
    """
    marked = await connection.fetchval(
        _MERGED.format(changed=changed), job["id"], number, job["run"]
    )
    if not marked:
        raise Superseded
