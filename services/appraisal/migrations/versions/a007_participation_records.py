"""Rename facts to participation records (参加考核情况): table, resource, scopes, change log."""

from alembic import op

from services.chassis.audit.change_log import log_changes, unlog_changes
from services.chassis.migrations.renamed import (
    rename_resource_of_jobs,
    rename_scopes_of_jobs,
    rewrite_entries,
)

revision = "a007"
down_revision = "a006"
branch_labels = None
depends_on = None

_TABLE = ("fact", "participation_record")
_RESOURCE = ("facts", "participation-records")
_SCOPE = ("facts", "participation_records")
# With the new name in front this one is too long for PostgreSQL.
_KEY = (
    "fact_bureau_code_cycle_id_staff_no_kind_starts_on_key",
    "participation_record_cycle_id_staff_no_kind_starts_on_key",
)
_NATURAL_KEY = ("cycle_id", "staff_no", "kind", "starts_on")
# All other constraints begin with the table's name.
_CONSTRAINTS = """
do $do$
declare
    name text;
begin
    for name in select conname from pg_constraint
        where conrelid = 'appraisal.{new}'::regclass and starts_with(conname, '{old}_')
    loop
        execute format('alter table appraisal.{new} rename constraint %I to %I',
            name, '{new}' || substr(name, length('{old}') + 1));
    end loop;
end $do$
"""


def upgrade() -> None:
    """Apply the change."""
    _rename(_TABLE, _KEY, _RESOURCE, _SCOPE)


def downgrade() -> None:
    """Take the change back."""
    _rename(*((new, old) for old, new in (_TABLE, _KEY, _RESOURCE, _SCOPE)))


def _rename(
    table: tuple[str, str], key: tuple[str, str], resource: tuple[str, str], scope: tuple[str, str]
) -> None:
    unlog_changes("appraisal", table[0])
    op.execute(f"alter table appraisal.{table[0]} rename to {table[1]}")
    op.execute(f"alter table appraisal.{table[1]} rename constraint {key[0]} to {key[1]}")
    op.execute(_CONSTRAINTS.format(old=table[0], new=table[1]))
    log_changes("appraisal", table[1], _NATURAL_KEY, resource=resource[1])
    # A refusal names the resource as its scope does, everything else as its address does.
    refused = "operation = 'access' and changes ->> 'action' = 'refused'"
    rewrite_entries(
        "appraisal",
        {
            "resource": f"'{scope[1]}'",
            "changes": f"replace(changes::text, '\"{scope[0]}:', '\"{scope[1]}:')::json",
        },
        f"resource = '{scope[0]}' and {refused}",
    )
    rewrite_entries(
        "appraisal",
        {"resource": f"'{resource[1]}'"},
        f"resource = '{resource[0]}' and not ({refused})",
    )
    rename_resource_of_jobs("appraisal", *resource)
    rename_scopes_of_jobs("appraisal", *scope)
