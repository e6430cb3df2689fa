"""Unlogged tables with the staged rows of one run of an import (migration c007).

A crash of PostgreSQL empties unlogged tables, and the next run fills new ones. A run that survives
the crash between two transactions does not notice it, so every transaction that relies on staged
rows checks first that they are there (`require_staging`). Tables are named after job and run: a
run that was presumed dead cannot damage those of its successor.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from services.chassis.database.db import Conn
from services.chassis.imports.declaration.reported import Reported
from services.chassis.imports.declaration.spec import ImportSpec

PLACE = {"_part": "integer", "_row": "bigint"}
# Fields that a row lacks, and its faults if it is a new row (see `rows`).
GAPS = {"_absent": "bigint", "_later": "text"}
_TARGET = {"_id": "uuid"}
_FAULT = {"field": "text", "code": "text"}


class StagingLost(Exception):
    """PostgreSQL has crashed since the tables were filled."""


class StagingTables(NamedTuple):
    """The names of one run's tables.

    Attributes:
        schema: of the service.
        prefix: of the names.
    """

    schema: str
    prefix: str

    @classmethod
    def of(cls, schema: str, job: UUID, run: int) -> "StagingTables":
        """The tables of a run."""
        return cls(schema, f"import_{job.hex}_{run}")

    @property
    def keys(self) -> str:
        """The natural keys of all good rows of the file."""
        return f"{self.schema}.{self.prefix}_keys"

    @property
    def changed(self) -> str:
        """The rows to apply, with `_id` of the stored row that they change."""
        return f"{self.schema}.{self.prefix}_changed"

    @property
    def reported(self) -> str:
        """Values that the caller can only report (`spec.reported`)."""
        return f"{self.schema}.{self.prefix}_reported"

    @property
    def faulty(self) -> str:
        """Faults of rows in comparison with others, one row for each fault."""
        return f"{self.schema}.{self.prefix}_faulty"

    @property
    def side(self) -> str:
        """The look-up table of the resource."""
        return f"{self.schema}.{self.prefix}_side"

    @property
    def alive(self) -> str:
        """A table with one row, until a crash empties all tables."""
        return f"{self.schema}.{self.prefix}_alive"

    def fill(self, sql: str, **more: Any) -> str:
        """SQL of a spec with the names of the tables filled in."""
        return sql.format(changed=self.changed, keys=self.keys, side=self.side, **more)


async def make_staging_tables(
    connection: Conn,
    staging_tables: StagingTables,
    spec: ImportSpec,
    bureau: str,
    reported: Reported | None,
) -> None:
    """Create the tables of a run; the roles of a bureau's levels can fill and read them.

    `connection` acts as the service itself, here and in the functions below.
    """
    keys = {name: spec.columns[name] for name in spec.key}
    await _make(connection, staging_tables.keys, PLACE | keys, bureau)
    await _make(connection, staging_tables.changed, PLACE | GAPS | spec.columns | _TARGET, bureau)
    if reported:
        kept = keys | {name: spec.columns[name] for name in reported.columns}
        await _make(connection, staging_tables.reported, PLACE | kept, bureau)
    await _make(connection, staging_tables.faulty, PLACE | _FAULT, bureau)
    if spec.side:
        await _make(connection, staging_tables.side, spec.side.columns, bureau)
    await _make(connection, staging_tables.alive, {"is_alive": "boolean"}, bureau)
    await connection.execute(f"insert into {staging_tables.alive} values (true)")


async def _make(connection: Conn, table: str, columns: Mapping[str, str], bureau: str) -> None:
    schema, _, name = table.partition(".")
    names, kinds = [*columns], [*columns.values()]
    make = f"select {schema}.make_import_stage($1, $2, $3, $4)"
    await connection.execute(make, name, names, kinds, bureau)
    await connection.execute(f"select {schema}.index_import_stage($1)", name)


async def analyze_staging(connection: Conn, table: str) -> None:
    """Collect statistics of a filled table, and update its index."""
    schema, _, name = table.partition(".")
    await connection.execute(f"select {schema}.analyze_import_stage($1)", name)


async def analyze_target(connection: Conn, spec: ImportSpec, coming: int) -> None:
    """Collect statistics of the target table if `coming` rows more than double it.

    Autovacuum does not see rows of an uncommitted transaction: for the rest of the transaction, a
    table that was empty would be planned as empty and scanned completely for every row.
    """
    schema, _, name = spec.target.partition(".")
    await connection.execute(f"select {schema}.analyze_import_target($1, $2)", name, coming)


async def require_staging(connection: Conn, staging_tables: StagingTables) -> None:
    """Check that the staged rows are there, for the rest of this transaction.

    Raises:
        StagingLost: a crash has emptied the tables.
    """
    if not await connection.fetchval(f"select is_alive from {staging_tables.alive}"):
        raise StagingLost


# A run drops its own tables right after its end.
_LEFT = """
select id from import_job where state in ('completed', 'failed', 'cancelled')
    and finished_at < now() - interval '1 minute' and id in (
        select substring(relname, 8, 32)::uuid from pg_class
        where relnamespace = to_regnamespace($1) and relkind = 'r'
        and relname ~ '^import_[0-9a-f]{32}_')
"""


async def staging_left(connection: Conn, schema: str) -> list[UUID]:
    """The jobs that have ended and still have tables."""
    return [row["id"] for row in await connection.fetch(_LEFT, schema)]


async def drop_staging(connection: Conn, schema: str, job: UUID, run: int | None = None) -> None:
    """Drop every table of a job, or those of one run."""
    prefix = f"import_{job.hex}_" + (f"{run}_" if run is not None else "")
    await connection.execute(f"select {schema}.drop_import_stages($1)", prefix)
