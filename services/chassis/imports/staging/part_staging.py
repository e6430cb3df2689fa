"""Staging of a part: compares its rows with the stored ones and keeps what the merge needs.

It keeps the keys of all rows (for rules about the whole file), the rows that change something, the
numbers of faulty rows and the first of their faults. The rows themselves are in a temporary table
meanwhile. A part is one transaction in the caller's context; parts can be staged concurrently.
"""

from io import BytesIO

from services.chassis.database.db import Conn, Database, as_service
from services.chassis.imports.checks.rows import Staged
from services.chassis.imports.declaration.reported import Reported
from services.chassis.imports.formats.splitting import Part
from services.chassis.imports.staging.comparison import Run
from services.chassis.imports.staging.parts import enter_part
from services.chassis.imports.staging.staging_tables import GAPS, PLACE

# The rows of a part are looked up one by one: a join of another kind reads the whole table.
_BY_KEY = "set local enable_hashjoin = off; set local enable_mergejoin = off"


async def stage_part(
    database: Database, run: Run, part: Part, staged: Staged, *, is_counted_only: bool
) -> None:
    """Stage the rows of one part; after a crash it can be staged again.

    Args:
        database: of the service.
        run: of the import.
        part: of its file.
        staged: its rows.
        is_counted_only: whether nothing will be stored, so that only faults are counted.

    Raises:
        Superseded: another run has the import.
    """
    async with database.connection(run.caller) as connection:
        if staged.payload and not is_counted_only:
            await _copy_rows(connection, run, staged)
            await _keep_keys(connection, run)
            await _keep_changed(connection, run)
        async with as_service(connection):
            await enter_part(connection, run, part, staged)


async def _copy_rows(connection: Conn, run: Run, staged: Staged) -> None:
    columns = PLACE | GAPS | run.spec.columns
    definition = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    await connection.execute(f"create temporary table part ({definition}) on commit drop")
    await connection.copy_to_table(
        "part",
        schema_name="pg_temp",
        columns=[*columns],
        source=BytesIO(staged.payload),
        format="text",
    )


async def _keep_keys(connection: Conn, run: Run) -> None:
    names = ", ".join([*PLACE, *run.spec.key])
    await connection.execute(
        f"insert into {run.staging_tables.keys} ({names}) select {names} from part"
    )


async def _keep_changed(connection: Conn, run: Run) -> None:
    """Keep rows that are new or differ; for `insert` also existing ones, which are refused."""
    names = [*PLACE, *GAPS, *run.spec.columns]
    applies = "true" if run.operation == "insert" else f"(t.id is null or {run.differs})"
    insert = f"insert into {run.staging_tables.changed} ({', '.join(names)}, _id)"
    select = f"select {', '.join(f's.{name}' for name in names)}, t.id as _id"
    rows = (
        f"from part s left join {run.spec.target} t on {run.of_file} and {run.same_key} "
        f"and {run.seen}"
    )
    if run.reported is None or run.operation == "insert":
        sql = f"{insert} {select} {rows} where {applies}"
    else:
        sql = _with_reports(run, run.reported, insert, names, select, rows, applies)
    await connection.execute(_BY_KEY)
    await connection.execute(sql, *run.fixed)


def _with_reports(
    run: Run,
    reported: Reported,
    insert: str,
    names: list[str],
    select: str,
    rows: str,
    applies: str,
) -> str:
    """The same statement; it also keeps reported values that differ from the stored ones."""
    kept = ", ".join([*PLACE, *run.spec.key, *reported.columns])
    differs = f"t.id is not null and s.{reported.column} <> t.{reported.column}"
    return (
        f"with found as ({select}, {applies} as applies, {differs} as is_reported {rows} "
        f"where {applies} or {differs}), "
        f"kept as (insert into {run.staging_tables.reported} ({kept}) "
        f"select {kept} from found where is_reported) "
        f"{insert} select {', '.join(names)}, _id from found where applies"
    )
