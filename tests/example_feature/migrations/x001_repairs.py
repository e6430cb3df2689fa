"""Repairs of schools."""

from alembic import op

from services.chassis.audit.change_log import log_changes, unlog_changes
from services.chassis.database.row_security import Protection, protect, unprotect

revision = "x001"
down_revision = None  # in a service: its last revision
branch_labels = ("example",)  # in a service: None
depends_on = None


def upgrade() -> None:
    """Create the table; the bureau sees its rows, schools see their own."""
    op.execute("""
        create table schools.repair (
            id uuid default uuidv7() not null constraint repair_pkey primary key,
            version integer default 1 not null,
            created_at timestamptz default now() not null,
            updated_at timestamptz default now() not null,
            bureau_code varchar not null,
            repair_no varchar(32) not null,
            school_code varchar not null,
            subject varchar(100) not null,
            state varchar default 'reported' not null,
            constraint repair_bureau_code_key unique (bureau_code, repair_no)
        )
    """)
    protect("schools", "repair", Protection().with_schools())
    log_changes("schools", "repair", ("repair_no",), resource="repairs")


def downgrade() -> None:
    """Remove the table."""
    unlog_changes("schools", "repair")
    unprotect("schools", "repair")
    op.execute("drop table schools.repair")
