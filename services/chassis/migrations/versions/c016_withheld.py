"""Rows whose values the change log no longer tells."""

from alembic import context, op

from services.chassis.database.row_security import KNOWN, OF_BUREAU
from services.chassis.migrations.scripts import run_script

revision = "c016"
down_revision = "c015"
branch_labels = None
depends_on = None

# Whoever reads the log reads this with it: the same rows at each level.
_TABLE = """
create table {schema}.change_withheld (
    row_id uuid primary key,
    bureau_code text not null,
    instead jsonb not null,
    seen_with text,
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null default now()
);

create index change_withheld_bureau_code_idx on {schema}.change_withheld (bureau_code);

revoke all on {schema}.change_withheld from {roles};

grant select on {schema}.change_withheld to {bureau}, {platform};

grant select, insert, update, delete on {schema}.change_withheld to {service};

alter table {schema}.change_withheld enable row level security;

alter table {schema}.change_withheld force row level security;

create policy bureau on {schema}.change_withheld for select to {bureau} using ({own});

create policy platform on {schema}.change_withheld for select to {platform} using ({known});

create policy service on {schema}.change_withheld to {service} using (true) with check (true);
"""


def upgrade() -> None:
    """Create the table."""
    run_script(_TABLE, own=OF_BUREAU, known=KNOWN)


def downgrade() -> None:
    """Drop it: everything is told again."""
    op.execute(f"drop table {context.config.attributes['schema']}.change_withheld")
