"""The change log: functions for migrations to add and remove tables.

One append-only table per schema, written by statement-level triggers with transition tables: a
bulk load of a million rows costs one INSERT more. The triggers' function is in migrations c002,
c006 and c015.
"""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

# Bookkeeping: they go along with a change, but are none by themselves.
_QUIET = ("version", "updated_at")
_EVENTS = {
    "insert": "referencing new table as new_rows",
    "update": "referencing old table as old_rows new table as new_rows",
    "delete": "referencing old table as old_rows",
}

# Positions are transaction ids above a base. A dump that was restored on another server brings
# positions that this one's ids have not reached: then the base goes beyond all of them, and far
# enough that no cursor that was ever given lies beyond what comes next. As the schema's owner.
CONTINUE = """
update {schema}.change_base set base = last + (1::bigint << 40)
from (select max(position) as last from {schema}.change_log) log
where last >= base + pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""


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


_TRIGGERS = """
select pg_get_triggerdef(oid) from pg_trigger
where tgrelid = cast(:table as regclass) and tgfoid = cast(:function as regprocedure)
"""


def leave_out(schema: str, table: str, derived: Sequence[str]) -> None:
    """Keep columns that follow from others out of the log: they are not shown, and no change.

    Each trigger of the table becomes what it was, with one argument more.
    """
    for definition in _definitions(schema, table):
        op.execute(f"{definition.removesuffix(')')}, '{','.join(derived)}')")


def leave_in(schema: str, table: str) -> None:
    """Log all columns of the table again (in a downgrade)."""
    for definition in _definitions(schema, table):
        op.execute(f"{definition.rpartition(', ')[0]})")


def _definitions(schema: str, table: str) -> list[str]:
    """The statements that make a table's log triggers anew."""
    names = {"table": f"{schema}.{table}", "function": f"{schema}.log_change()"}
    found = op.get_bind().execute(text(_TRIGGERS), names).scalars()
    return [str(one).replace("CREATE", "CREATE OR REPLACE", 1) for one in found]
