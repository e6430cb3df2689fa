"""The parts of an import as they are stored: where they lie, what has become of their rows.

Each is entered in the transaction that stages it, and its merging is noted in the transaction that
merges it. What an import says of itself is the sum of its parts, so it is true whenever a process
dies.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from services.chassis.database.db import Conn
from services.chassis.imports.faults import list_faults
from services.chassis.imports.row_sets import pack, unpack
from services.chassis.imports.rows import Staged
from services.chassis.imports.run import Run
from services.chassis.imports.splitting import Part
from services.chassis.imports.store import Counts, Job, StagedPart, Superseded

_PART = "number, start_byte, bytes, first_row, records"


class Blame(NamedTuple):
    """What rows of a part have against them, beside other rows.

    Attributes:
        field: the field to blame.
        code: of the fault.
    """

    field: str
    code: str


Judged = Mapping[Blame, set[int]]


class Failed(NamedTuple):
    """The faulty rows of a part.

    Attributes:
        part: where they are.
        broken: those that are faulty by themselves.
        judged: those that are faulty beside others.
        listed: those whose faults are kept in words; in imports from before there were sets of
            rows, these are all.
    """

    part: Part
    broken: set[int]
    judged: Judged
    listed: set[int]

    @classmethod
    def of(cls, row: asyncpg.Record) -> "Failed":
        """From the columns of `FAILED`."""
        part = Part(*[*row.values()][:5])
        judged = {
            Blame(one["field"], one["code"]): unpack(b64decode(one["rows"]), part)
            for one in row["judged"]
        }
        return cls(part, unpack(row["broken"], part), judged, set(row["listed"]))

    @property
    def rows(self) -> set[int]:
        """All of them."""
        return self.broken.union(self.listed, *self.judged.values())


FAILED = f"""
select {_PART}, broken, judged, array(
    select distinct row from import_fault f where f.job_id = p.job_id
    and f.row between p.first_row and p.first_row + p.records - 1) as listed
from import_part p where job_id = $1
"""
_ENTER = """
insert into import_part (job_id, bureau_code, number, start_byte, bytes, first_row, records, rows,
    failed, broken, codes)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (job_id, number) do nothing returning true
"""


async def enter_part(connection: Conn, run: Run, part: Part, staged: Staged) -> None:
    """Enter a part that is staged, with its faulty rows; staged once more, it stays as it is.

    Args:
        connection: acts as the service itself.
        run: of the import.
        part: of its file.
        staged: its rows.

    Raises:
        Superseded: another run has the import.
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
    )
    if is_new:
        await list_faults(connection, run, part, found.listed)


async def forget_parts(connection: Conn, job_ids: Sequence[UUID]) -> None:
    """Forget parts and faults of some imports, as the service itself."""
    await connection.execute("delete from import_fault where job_id = any($1)", job_ids)
    await connection.execute("delete from import_part where job_id = any($1)", job_ids)


async def parts_to_merge(connection: Conn, job: Job) -> list[StagedPart]:
    """The parts that no run has merged yet."""
    rows = await connection.fetch(
        f"select {_PART}, rows from import_part "
        "where job_id = $1 and not is_merged order by number",
        job["id"],
    )
    return [StagedPart(Part(*[*row.values()][:5]), row["rows"], 0) for row in rows]


_ADD = """
update import_part set failed = failed + $3, judged = $4, codes = (
    select jsonb_object_agg(code, n) from (
        select key as code, sum(value::bigint) as n from (
            select * from jsonb_each_text(codes) union all select * from jsonb_each_text($5)
        ) c group by 1
    ) s)
where job_id = $1 and number = $2
"""


async def add_judged(
    connection: Conn, job_id: UUID, number: int, judged: Judged, codes: Mapping[str, int]
) -> None:
    """Add rows that have turned out to be faulty beside others.

    Args:
        connection: acts as the service itself.
        job_id: the import.
        number: of the part.
        judged: the rows.
        codes: how many faults there are of each code.
    """
    row = await connection.fetchrow(f"{FAILED} and number = $2 for update", job_id, number)
    assert row is not None, "it is entered when it is staged"
    before = Failed.of(row)
    after = {**before.judged}
    for blame, rows in judged.items():
        after[blame] = after.get(blame, set()) | rows
    document = [
        {**blame._asdict(), "rows": b64encode(pack(rows, before.part)).decode()}
        for blame, rows in after.items()
    ]
    new = set[int]().union(*judged.values()) - before.broken.union(*before.judged.values())
    await connection.execute(_ADD, job_id, number, len(new), document, codes)


async def counted(connection: Conn, job: Job) -> Counts:
    """What has become of the rows of merged parts, and of all faulty ones."""
    row = await connection.fetchrow(_COUNTED, job["id"])
    assert row is not None
    return Counts(**row)


_COUNTED = """
select coalesce(sum(bytes), 0)::bigint as bytes_read, coalesce(sum(rows), 0)::bigint as rows,
    coalesce(sum(created_count), 0)::bigint as created,
    coalesce(sum(updated_count), 0)::bigint as updated,
    coalesce(sum((rows - failed - created_count - updated_count) * is_merged::int), 0)::bigint
        as unchanged,
    coalesce(sum(failed), 0)::bigint as failed
from import_part where job_id = $1
"""


async def foreseen(connection: Conn, job: Job, changed: str) -> Counts:
    """What would become of the rows."""
    row = await connection.fetchrow(
        f"select count(*) filter (where _id is null) as created, "
        f"count(*) filter (where _id is not null) as updated from {changed}"
    )
    assert row is not None
    found = await counted(connection, job)
    unchanged = found.rows - found.failed - row["created"] - row["updated"]
    return found._replace(**row, unchanged=unchanged)


async def mark_untouched(connection: Conn, job: Job, stages: Sequence[str]) -> list[int]:
    """Mark the parts without rows in any of these stages as merged; the others, in order."""
    empty = [f"not exists (select from {stage} s where s._part = p.number)" for stage in stages]
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

    Until that is over, nobody takes the job from this run (`for share`).

    Args:
        connection: acts as the service itself.
        job: the import.
        changed: the table with the rows of the part that were applied.
        number: of the part.

    Raises:
        Superseded: another run has the job, or has merged the part.
    """
    marked = await connection.fetchval(
        _MERGED.format(changed=changed), job["id"], number, job["run"]
    )
    if not marked:
        raise Superseded


async def failed_parts(connection: Conn, job_id: UUID, where: str = "true") -> Sequence[Any]:
    """The columns of `Failed` of some parts, in order."""
    return await connection.fetch(f"{FAILED} and {where} order by number", job_id)
