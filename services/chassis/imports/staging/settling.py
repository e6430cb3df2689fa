"""Excludes rows that break a rule: they are recorded with their parts and not applied."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from typing import NamedTuple

from services.chassis.database.db import Conn
from services.chassis.imports.staging.comparison import Run
from services.chassis.imports.staging.failed_parts import Blame, Failed, add_judged, failed_parts
from services.chassis.imports.staging.reports import drop_reports, set_aside
from services.chassis.imports.staging.staging_tables import analyze_staging

# Each row of the cursor has the rows of a part with the same fault.
_AT_ONCE = 10


class _OfPart(NamedTuple):
    number: int
    judged: dict[Blame, set[int]]
    codes: Counter[str]


async def settle(connection: Conn, run: Run) -> None:
    """Record the rows that break a rule with their parts, and remove them from `changed`.

    `connection` acts as the service itself, here and below.
    """
    await analyze_staging(connection, run.staging_tables.faulty)
    await connection.execute(
        f"delete from {run.staging_tables.changed} s "
        f"using (select distinct _row from {run.staging_tables.faulty}) f where f._row = s._row"
    )
    await drop_reports(connection, run, f"s._row in (select _row from {run.staging_tables.faulty})")
    await set_aside(connection, run)
    async for found in _by_part(connection, run):
        await add_judged(connection, run.job, found.number, found.judged, found.codes)


async def _by_part(connection: Conn, run: Run) -> AsyncIterator[_OfPart]:
    cursor = connection.cursor(
        "select _part, field, code, array_agg(distinct _row) as rows, count(*) as faults "
        f"from {run.staging_tables.faulty} group by 1, 2, 3 order by 1",
        prefetch=_AT_ONCE,
    )
    found: _OfPart | None = None
    async for row in cursor:
        if found is None or found.number != row["_part"]:
            if found:
                yield found
            found = _OfPart(row["_part"], defaultdict(set), Counter())
        found.judged[Blame(row["field"], row["code"])].update(row["rows"])
        found.codes[row["code"]] += row["faults"]
    if found:
        yield found


async def drop_settled(connection: Conn, run: Run) -> None:
    """Remove rows from `changed` that an earlier run found faulty."""
    for row in await failed_parts(connection, run.job, "not is_merged and failed > 0"):
        refused = "s._part = $1 and s._row = any($2::bigint[])"
        rows = (row["number"], [*Failed.of(row).rows])
        await connection.execute(
            f"delete from {run.staging_tables.changed} s where {refused}", *rows
        )
        await drop_reports(connection, run, refused, *rows)
    await set_aside(connection, run)
