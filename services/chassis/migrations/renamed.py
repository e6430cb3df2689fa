"""Names stored as values, replaced in migrations: in the change log, in jobs, in scopes."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op

# The seals from the first renamed entry on no longer fit; the next run of the sealing replaces
# them. Hashes noted before the migration are then reported as cut off.
_UNSEAL = """
delete from {schema}.change_seal where (to_position, to_id) >= (
    select position, id from {schema}.change_log where {affected} order by position, id limit 1
)
"""


@contextmanager
def every_row(schema: str, *tables: str) -> Iterator[None]:
    """Let the owner, who migrates, change the rows of all bureaus."""
    for table in tables:
        op.execute(f"alter table {schema}.{table} no force row level security")
    yield
    for table in tables:
        op.execute(f"alter table {schema}.{table} force row level security")


@contextmanager
def unlogged(schema: str, table: str) -> Iterator[None]:
    """Change all rows of a table without an entry in the log: a new name is not a change."""
    with every_row(schema, table):
        op.execute(f"alter table {schema}.{table} disable trigger log_update")
        yield
        op.execute(f"alter table {schema}.{table} enable trigger log_update")


def rewrite_entries(schema: str, changes: dict[str, str], affected: str) -> None:
    """Change entries of the change log, and remove the seals that no longer fit them.

    Args:
        schema: the service's schema.
        changes: SQL expressions by column.
        affected: an SQL condition on the entries.
    """
    values = ", ".join(f"{column} = {value}" for column, value in changes.items())
    with every_row(schema, "change_log", "change_seal"):
        op.execute(_UNSEAL.format(schema=schema, affected=affected))
        op.execute(f"update {schema}.change_log set {values} where {affected}")


def rename_resource_of_jobs(schema: str, old: str, new: str) -> None:
    """Change the resource that imports and exports name."""
    for table in ("import_job", "export_job"):
        with every_row(schema, table):
            op.execute(f"update {schema}.{table} set resource = '{new}' where resource = '{old}'")


def renamed_scopes(column: str, old: str, new: str) -> str:
    """SQL: an array of scopes, in its order, with the resource of scopes renamed."""
    return (
        f"array(select regexp_replace(scope, '^{old}:', '{new}:') "
        f"from unnest({column}) with ordinality found (scope, place) order by place)"
    )


def rename_scopes_of_jobs(schema: str, old: str, new: str) -> None:
    """Change the scopes with which imports and exports run."""
    scopes = f"replace((caller -> 'scopes')::text, '\"{old}:', '\"{new}:')::jsonb"
    for table in ("import_job", "export_job"):
        with every_row(schema, table):
            op.execute(
                f"update {schema}.{table} set caller = jsonb_set(caller, '{{scopes}}', {scopes}) "
                f"where (caller -> 'scopes')::text like '%\"{old}:%'"
            )
    with every_row(schema, "export_job"):
        op.execute(
            f"update {schema}.export_job set scopes = {renamed_scopes('scopes', old, new)} "
            f"where exists (select from unnest(scopes) scope where scope like '{old}:%')"
        )
