"""Assignments: what somebody does at which school, and the names that are shown with it."""

from alembic import op

from services.chassis.audit.change_log import log_changes, unlog_changes
from services.chassis.database.row_security import Protection, protect, unprotect

revision = "s007"
down_revision = "s006"
branch_labels = None
depends_on = None

_TABLE = """
create table schools.assignment (
    id uuid default uuidv7() not null constraint assignment_pkey primary key,
    version integer default 1 not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    staff_no varchar not null,
    school_code varchar not null,
    role varchar not null,
    kind varchar not null,
    subject varchar(50),
    class_name varchar(50),
    weekly_lessons integer,
    starts_on date not null,
    ends_on date,
    bureau_code varchar not null,
    constraint assignment_bureau_code_staff_no_school_code_role_starts_on_key
        unique (bureau_code, staff_no, school_code, role, starts_on)
);

create index assignment_bureau_code_school_code_staff_no_idx
    on schools.assignment (bureau_code, school_code, staff_no);

create index assignment_bureau_code_starts_on_id_idx
    on schools.assignment (bureau_code, starts_on, id);

create index assignment_bureau_code_created_at_id_idx
    on schools.assignment (bureau_code, created_at, id);
"""

# Each tells one thing of a row that row security may keep from the caller: the host school of an
# exchange does not see the person's record, nor a person that of a school. Run as the service
# itself, whose role the login may take on anyhow (docs/adr/0019-names-across-schools.md). Whoever
# migrates may not: without the check, nobody takes it on until the first call.
_LOOK_UPS = """
set local check_function_bodies = off;

create function schools.person_name(bureau text, number text) returns text
    language sql stable set role to junheng_schools_service
    return (select name from schools.staff where bureau_code = bureau and staff_no = number);

create function schools.is_restricted(bureau text, number text) returns boolean
    language sql stable set role to junheng_schools_service
    return exists (select from schools.staff
        where bureau_code = bureau and staff_no = number and restricted_at is not null);

create function schools.school_name(bureau text, code text) returns text
    language sql stable set role to junheng_schools_service
    return (select name from schools.school where bureau_code = bureau and school_code = code);

set local check_function_bodies = on;
"""


def upgrade() -> None:
    """Create the table and the functions."""
    for statement in (_TABLE + _LOOK_UPS).strip().split("\n\n"):
        op.execute(statement)
    protect("schools", "assignment", Protection().with_schools().with_person())
    key = ("staff_no", "school_code", "role", "starts_on")
    log_changes("schools", "assignment", key, resource="assignments")


def downgrade() -> None:
    """Remove both."""
    for function in ("person_name", "is_restricted", "school_name"):
        op.execute(f"drop function schools.{function}(text, text)")
    unlog_changes("schools", "assignment")
    unprotect("schools", "assignment")
    op.execute("drop table schools.assignment")
