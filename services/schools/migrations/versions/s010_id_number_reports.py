"""ID numbers that callers give who may not write them, for the bureau to settle."""

from alembic import op

from services.chassis.database.row_security import Protection, protect, unprotect

revision = "s010"
down_revision = "s009"
branch_labels = None
depends_on = None

_TABLE = """
create table schools.id_number_report (
    id uuid default uuidv7() not null constraint id_number_report_pkey primary key,
    version integer default 1 not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    bureau_code varchar not null,
    school_code varchar not null,
    staff_id uuid not null constraint id_number_report_staff_id_fkey
        references schools.staff on delete cascade,
    staff_no varchar not null,
    id_number_cipher bytea not null,
    id_number_index bytea not null,
    id_number_key text generated always as
        (encode(substring(id_number_cipher from 1 for position('\\x3a'::bytea in id_number_cipher)
            - 1), 'escape')) stored,
    reason varchar not null,
    state varchar not null,
    reported_by varchar not null,
    subject varchar not null,
    settled_by varchar,
    settled_at timestamptz,
    note varchar(200)
);

create unique index id_number_report_bureau_code_id_number_index_staff_id_idx
    on schools.id_number_report (bureau_code, id_number_index, staff_id)
    where state in ('open', 'dismissed');

create unique index id_number_report_recorded_idx
    on schools.id_number_report (bureau_code, id_number_index, staff_id)
    where state = 'recorded';

create index id_number_report_bureau_code_created_at_id_idx
    on schools.id_number_report (bureau_code, created_at, id);

create index id_number_report_staff_id_idx on schools.id_number_report (staff_id);

create index id_number_report_id_number_key_idx on schools.id_number_report (id_number_key);
"""


def upgrade() -> None:
    """Create the table, which only the bureau and the service itself see."""
    for statement in _TABLE.strip().split("\n\n"):
        op.execute(statement)
    protect("schools", "id_number_report", Protection())


def downgrade() -> None:
    """Remove it."""
    unprotect("schools", "id_number_report")
    op.execute("drop table schools.id_number_report")
