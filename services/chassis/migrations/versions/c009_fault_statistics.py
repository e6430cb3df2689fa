"""Imports have statistics taken of many faults before they join them.

A table of faults that had been empty is still an empty one to the planner, which then reads all
of it for every row: ten thousand faults in a million rows took a minute of a 52-second import.
"""

from alembic import context, op

revision = "c009"
down_revision = "c008"
branch_labels = None
depends_on = None

# A script: one statement a paragraph. Only the owner may have statistics taken.
_FUNCTION = """
create function {schema}.analyze_import_faults()
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $fn$
begin
    execute 'analyze (skip_locked) {schema}.import_fault';
end $fn$;

revoke all on function {schema}.analyze_import_faults() from public;

grant execute on function {schema}.analyze_import_faults() to junheng_{schema}_service;
"""


def upgrade() -> None:
    """Create the function in the service's schema."""
    schema = context.config.attributes["schema"]
    for statement in _FUNCTION.format(schema=schema).strip().split("\n\n"):
        op.execute(statement)


def downgrade() -> None:
    """Remove it."""
    op.execute(f"drop function {context.config.attributes['schema']}.analyze_import_faults()")
