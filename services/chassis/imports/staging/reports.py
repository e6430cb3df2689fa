"""Removes values that can only be reported from the rows to apply, and keeps them for the merge.

All statements run as the service itself: a row that the caller cannot see may have the value.
"""

from services.chassis.database.db import Conn
from services.chassis.imports.declaration.reported import Reported
from services.chassis.imports.staging.comparison import Run
from services.chassis.imports.staging.staging_tables import PLACE


async def set_aside(connection: Conn, run: Run, part: int | None = None) -> None:
    """Turn values of new rows that a stored row has already into reports.

    Args:
        connection: acts as the service itself.
        run: of the import.
        part: only the rows of this part; by default all rows.
    """
    if (reported := run.reported) is None:
        return
    names = ", ".join(_names(run, reported))
    of_part = "" if part is None else f" and s._part = {part}"
    await connection.execute(
        f"with taken as (select {_staged(run, reported)} from {run.staging_tables.changed} s "
        f"join {run.spec.target} t on {run.of_file} and t.{reported.column} = s.{reported.column} "
        f"where s._id is null{of_part}), "
        f"kept as (insert into {run.staging_tables.reported} ({names}) select {names} from taken) "
        f"update {run.staging_tables.changed} s set {reported.vacate()} from taken "
        "where s._part = taken._part and s._row = taken._row",
        *run.fixed,
    )


async def report_adopted(connection: Conn, run: Run, part: int) -> None:
    """Report the values of rows that were new when staged and exist by now."""
    if (reported := run.reported) is None:
        return
    await connection.execute(
        f"insert into {run.staging_tables.reported} ({', '.join(_names(run, reported))}) "
        f"select {_staged(run, reported)} from {run.staging_tables.changed} s "
        f"where s._part = $1 and s._id is not null and s.{reported.column} is not null "
        f"and not exists (select from {run.staging_tables.reported} r where r._row = s._row)",
        part,
    )


async def drop_reports(connection: Conn, run: Run, condition: str, *args: object) -> None:
    """Drop the reports of rows that are not applied.

    Args:
        connection: acts as the service itself.
        run: of the import.
        condition: SQL on the kept row `s`.
        args: of the condition.
    """
    if run.reported is not None:
        await connection.execute(
            f"delete from {run.staging_tables.reported} s where {condition}", *args
        )


def _names(run: Run, reported: Reported) -> list[str]:
    return [*PLACE, *run.spec.key, *reported.columns]


def _staged(run: Run, reported: Reported) -> str:
    return ", ".join(f"s.{name}" for name in _names(run, reported))
