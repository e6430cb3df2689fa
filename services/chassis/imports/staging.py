"""The unlogged tables in which one run of an import holds its rows (migration c006).

Unlogged: a crash of PostgreSQL empties them, and the run that takes the job up again fills new
ones. Named after job and run, so that a run believed dead can do no harm to its successor's.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from services.chassis.db import Conn
from services.chassis.imports.spec import ImportSpec

OWN_COLUMNS = {"_part": "integer", "_row": "bigint", "_faults": "text", "_absent": "bigint"}
LATER = {"_later": "text"}
TARGET = {"_id": "uuid"}


class Stages(NamedTuple):
    """The names of one run's tables, with their schema.

    Attributes:
        rows: every row of the file.
        changed: the rows to apply, with `_id` of the stored row they change.
        side: what the resource looks things up in.
    """

    schema: str
    prefix: str

    @classmethod
    def of(cls, schema: str, job: UUID, run: int) -> "Stages":
        """The tables of a run."""
        return cls(schema, f"import_{job.hex}_{run}")

    @property
    def rows(self) -> str:
        return f"{self.schema}.{self.prefix}_rows"

    @property
    def changed(self) -> str:
        return f"{self.schema}.{self.prefix}_changed"

    @property
    def side(self) -> str:
        return f"{self.schema}.{self.prefix}_side"

    def fill(self, sql: str) -> str:
        """SQL of a spec with the names of the tables put in."""
        return sql.format(changed=self.changed, stage=self.rows, side=self.side)


def staged_columns(spec: ImportSpec) -> dict[str, str]:
    """Names and types of a staged row, in COPY's order."""
    return OWN_COLUMNS | LATER | spec.columns


async def make_stages(connection: Conn, stages: Stages, spec: ImportSpec) -> None:
    """Make the tables of a run; `connection` acts as the service itself."""
    await _make(connection, stages.rows, staged_columns(spec))
    await _make(connection, stages.changed, staged_columns(spec) | TARGET)
    if spec.side:
        await _make(connection, stages.side, spec.side.columns)


async def _make(connection: Conn, table: str, columns: Mapping[str, str]) -> None:
    schema, _, name = table.partition(".")
    await connection.execute(
        f"select {schema}.make_import_stage($1, $2, $3)",
        name,
        [*columns],
        [*columns.values()],
    )


async def protect_stage(connection: Conn, table: str, bureau: str) -> None:
    """Put a table under row security, and let the levels of its bureau read and fill it."""
    schema, _, name = table.partition(".")
    await connection.execute(f"select {schema}.protect_import_stage($1, $2)", name, bureau)


async def index_stage(connection: Conn, table: str) -> None:
    """Index a table that has been filled by part, and have its statistics taken."""
    schema, _, name = table.partition(".")
    await connection.execute(f"select {schema}.index_import_stage($1)", name)


async def drop_stages(connection: Conn, schema: str, job: UUID) -> None:
    """Drop every table of a job, of whatever run."""
    await connection.execute(f"select {schema}.drop_import_stages($1)", f"import_{job.hex}_")


async def copy_rows(connection: Conn, stages: Stages, spec: ImportSpec, payload: Any) -> None:
    """COPY staged lines (see `rows`) into the stage."""
    schema, _, name = stages.rows.partition(".")
    await connection.copy_to_table(
        name,
        schema_name=schema,
        columns=[*staged_columns(spec)],
        source=payload,
        format="text",
    )
