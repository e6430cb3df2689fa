"""The change log: which tables it follows (in migrations).

One append-only table per schema, written by statement-level triggers with transition tables: a
bulk load of a million rows costs one INSERT more. The triggers' function is in migration c002.
"""

from collections.abc import Sequence

from alembic import op

# Bookkeeping: they go along with a change, but are none by themselves.
_QUIET = ("version", "updated_at")
_EVENTS = {
    "insert": "referencing new table as new_rows",
    "update": "referencing old table as old_rows new table as new_rows",
    "delete": "referencing old table as old_rows",
}


def log_changes(
    schema: str,
    table: str,
    key: Sequence[str],
    *,
    resource: str | None = None,
    hidden: Sequence[str] = (),
    quiet: Sequence[str] = (),
) -> None:
    """Log every change of a table from now on (in a migration).

    Args:
        schema: the service's schema.
        table: a table with a column `id`.
        key: the columns of its natural key, which the log joins by `/`.
        resource: its name in the log, as in addresses; by default the table's.
        hidden: columns whose values never get into the log: it shows `***`.
        quiet: columns that alone are no change (a ciphertext that a new key makes anew).
    """
    arguments = [resource or table, ",".join(key), ",".join(hidden), ",".join([*_QUIET, *quiet])]
    quoted = ", ".join(f"'{argument}'" for argument in arguments)
    for event, transition in _EVENTS.items():
        op.execute(
            f"create trigger log_{event} after {event} on {schema}.{table} {transition} "
            f"for each statement execute function {schema}.log_change({quoted})"
        )


def unlog_changes(schema: str, table: str) -> None:
    """Stop logging the changes of a table (in a downgrade)."""
    for event in _EVENTS:
        op.execute(f"drop trigger log_{event} on {schema}.{table}")
