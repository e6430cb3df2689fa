"""How much each account holds on the disk of the files, while it is being written and after."""

from alembic import context, op

from services.chassis.database.row_security import NOBODY, Protection, protect, unprotect
from services.chassis.migrations.scripts import run_script

revision = "c020"
down_revision = "c019"
branch_labels = None
depends_on = None

# Platform accounts belong to no bureau: theirs is empty.
_TABLE = """
create table {schema}.held_file (
    job_id uuid primary key,
    bureau_code text not null,
    subject text not null,
    bytes bigint not null,
    created_at timestamptz not null default now()
);

create index held_file_bureau_code_idx on {schema}.held_file (bureau_code) include (subject, bytes);

revoke all on {schema}.held_file from {roles};

grant select, insert, update, delete on {schema}.held_file to {service};
"""
_PRESENT = """
insert into {schema}.held_file (job_id, bureau_code, subject, bytes)
select id, bureau_code, subject, bytes * (1 + is_rewritten::int) from {schema}.import_job
where not is_expired and bytes > 0;

insert into {schema}.held_file (job_id, bureau_code, subject, bytes)
select id, coalesce(bureau_code, ''), subject, bytes from {schema}.export_job
where not is_expired and bytes > 0;
"""


def upgrade() -> None:
    """Create the table in the service's schema, and enter what is there."""
    run_script(_TABLE)
    _force(False)
    run_script(_PRESENT)
    _force(True)
    protect(context.config.attributes["schema"], "held_file", Protection(bureau=NOBODY))


def downgrade() -> None:
    """Remove it."""
    schema = context.config.attributes["schema"]
    unprotect(schema, "held_file")
    op.execute(f"drop table {schema}.held_file")


def _force(is_forced: bool) -> None:
    """The owner, who migrates, sees all rows only while nothing is forced on it."""
    schema, no = context.config.attributes["schema"], "" if is_forced else "no "
    for table in ("import_job", "export_job"):
        op.execute(f"alter table {schema}.{table} {no}force row level security")
