"""Faults of an import that are stored with their texts: the first ones of the file.

The number of all faults is stored with the parts (`parts`). Each writer may store as many texts
as the whole import may have; when all faults are known, the surplus is removed (`cut_faults`).
"""

from collections.abc import Sequence
from uuid import UUID

from services.chassis.database.db import Conn
from services.chassis.imports.checks.findings import Listed
from services.chassis.imports.formats.splitting import Part
from services.chassis.imports.staging.comparison import Run

_LIST = """
insert into import_fault (job_id, part, bureau_code, row, entry, field, code, message_zh,
    message_en, params)
select $1, $2, $3, f.row, f.entry, f.field, f.code, f.zh, f.en, f.params::jsonb
from unnest($4::bigint[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[]) as f (row, entry, field, code, zh, en, params)
"""
_BEFORE = """
select count(*) from (select from import_fault where job_id = $1 and row < $2 limit $3) f
"""
_CUT = """
delete from import_fault where job_id = $1 and (row, entry) > (
    select row, entry from import_fault where job_id = $1 order by row, entry offset $2 - 1 limit 1)
"""


async def list_faults(connection: Conn, run: Run, part: Part, listed: Sequence[Listed]) -> None:
    """Store the faults of a part with their texts, within the limit of the whole import."""
    if not listed:
        return
    before = await connection.fetchval(_BEFORE, run.job, part.first_row, run.most_listed)
    if chosen := listed[: run.most_listed - before]:
        columns = map(list, zip(*chosen, strict=True))
        await connection.execute(_LIST, run.job, part.number, run.bureau, *columns)


async def cut_faults(connection: Conn, job_id: UUID, most: int) -> int:
    """Remove all but the first `most` faults of an import, and return the number of the rest."""
    await connection.execute(_CUT, job_id, most)
    kept: int = await connection.fetchval(
        "select count(*) from import_fault where job_id = $1", job_id
    )
    return kept


async def fault_codes(connection: Conn, job_id: UUID) -> dict[str, int]:
    """The number of faults of an import by code, stored with texts or not."""
    rows = await connection.fetch(
        "select code, sum(n::bigint)::bigint as n from import_part, "
        "jsonb_each_text(codes) as c (code, n) where job_id = $1 group by code order by code",
        job_id,
    )
    return {row["code"]: row["n"] for row in rows}


_DROP_OLDER = """
with newest_first as (
    select id, sum(faults_listed) over (order by id desc) as total
    from import_job where subject = $1 and faults_listed > 0
), too_many as (
    update import_job set faults_listed = 0, version = version + 1, updated_at = now()
    where id in (select id from newest_first where total > $2 and id <> $3) returning id
)
delete from import_fault where job_id in (select id from too_many)
"""


async def drop_older_faults(connection: Conn, subject: str, newest: UUID, most: int) -> None:
    """Remove the faults of an account's older imports when it has more than `most`.

    Counts remain, and failed rows can still be downloaded: they are checked again for it.

    Args:
        connection: acts as the service itself.
        subject: the account.
        newest: the import that has just ended; its faults remain.
        most: limit of stored faults of one account.
    """
    await connection.execute(_DROP_OLDER, subject, most, newest)
