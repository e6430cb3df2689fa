"""Freezing the roster: the staff of the bureau, streamed from the registry through the gateway."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypedDict

from services.appraisal.cycles.errors import RegistryRefused, RosterEmpty
from services.appraisal.cycles.models import Cycle
from services.chassis.core.temp_dirs import scratch_folder
from services.chassis.database.db import Conn
from services.chassis.files.row_files import RowFile
from services.chassis.lists.pinyin.named import NAME_KEYS
from services.chassis.lists.pinyin.names import keys_of
from services.chassis.peers.client import PlatformClient
from services.chassis.peers.contract import Use
from services.chassis.peers.ndjson import ndjson_rows


class SchoolRow(TypedDict):
    """Fields of a school that are read."""

    school_code: str
    name: str


class StaffRow(TypedDict):
    """Fields of a member of staff that are read."""

    staff_no: str
    name: str
    school_code: str
    post_category: str
    post_level: int | None
    title: str | None
    duty: str | None
    employed_on: str
    left_on: str | None


_WHOLE = {"format": Literal["ndjson"]}
USES = (
    Use("schools", "GET", "/v1/schools", query=_WHOLE, reads=SchoolRow),
    Use("schools", "GET", "/v1/staff", query=_WHOLE, reads=StaffRow),
)

_TABLES = """
create temporary table roster_school (school_code text, name text) on commit drop;
create temporary table roster_staff (staff_no text, name text, school_code text,
    post_category text, post_level integer, title text, duty text, employed_on text,
    left_on text, name_pinyin text, name_initials text) on commit drop
"""
# Everyone employed on the last day of the period takes part (`domain.md` A1).
_FREEZE = """
insert into participant (bureau_code, cycle_id, staff_no, name, name_pinyin, name_initials,
    school_code, school_name, post_category, post_level, title, duty, employed_on, left_on)
select $1, $2, s.staff_no, s.name, s.name_pinyin, s.name_initials,
    s.school_code, coalesce(c.name, s.school_code), s.post_category, s.post_level, s.title, s.duty,
    s.employed_on::date, s.left_on::date
from roster_staff s left join roster_school c using (school_code)
where s.employed_on::date <= $3 and (s.left_on is null or s.left_on::date > $3)
order by s.staff_no
"""


class Roster(NamedTuple):
    """Schools and staff of a bureau as the registry has streamed them, in a temporary folder."""

    schools: RowFile
    staff: RowFile


@asynccontextmanager
async def fetched_roster(
    platform: PlatformClient, bureau: str, folder: Path
) -> AsyncIterator[Roster]:
    """Stream the bureau's schools and staff into files; no transaction is open meanwhile.

    Args:
        platform: calls the registry.
        bureau: whose staff.
        folder: for temporary files.

    Raises:
        UpstreamUnavailable: the gateway or the registry cannot be reached.
        RegistryRefused: the registry did not answer 200.
    """
    with scratch_folder(folder) as own:
        roster = Roster(RowFile(own / "schools"), RowFile(own / "staff"))
        await roster.schools.fill(_rows(platform, bureau, "schools"))
        await roster.staff.fill(_with_keys(_rows(platform, bureau, "staff")))
        yield roster


async def freeze_roster(connection: Conn, cycle: Cycle, roster: Roster) -> int:
    """Copy those of the fetched staff who take part into `participant`; their number.

    Raises:
        RosterEmpty: there is nobody to appraise.
    """
    await connection.execute(_TABLES)
    await _copy(connection, "roster_school", tuple(SchoolRow.__annotations__), roster.schools)
    await _copy(connection, "roster_staff", (*StaffRow.__annotations__, *NAME_KEYS), roster.staff)
    done = await connection.execute(_FREEZE, cycle.bureau_code, cycle.id, cycle.period_to)
    count = int(done.rpartition(" ")[2])
    if count == 0:
        raise RosterEmpty
    return count


async def _copy(connection: Conn, table: str, columns: tuple[str, ...], rows: RowFile) -> None:
    async for batch in rows.batches():
        records = [tuple(row[name] for name in columns) for row in batch]
        await connection.copy_records_to_table(
            table, schema_name="pg_temp", columns=columns, records=records
        )


async def _rows(
    platform: PlatformClient, bureau: str, resource: str
) -> AsyncIterator[dict[str, Any]]:
    path, params = f"/schools/v1/{resource}", {"format": "ndjson"}
    async with platform.stream(bureau, path, params=params) as answer:
        if answer.status_code != 200:
            raise RegistryRefused(status=answer.status_code)
        async for row in ndjson_rows(answer):
            yield row


async def _with_keys(rows: AsyncIterator[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
    """The same rows, with what their names are found by."""
    async for row in rows:
        yield row | dict(zip(NAME_KEYS, keys_of(row["name"]), strict=True))
