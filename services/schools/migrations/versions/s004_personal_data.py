"""Which key each ID number is under, restriction and erasure of a person, key rotations."""

from alembic import op

from services.chassis.database.row_security import NOBODY, Protection, protect, unprotect

revision = "s004"
down_revision = "s003"
branch_labels = None
depends_on = None

_COLUMNS = """
alter table schools.staff
    add column restricted_at timestamptz,
    add column restricted_reason varchar(200),
    add column erased_at timestamptz,
    add column id_number_key text generated always as
        (encode(substring(id_number_cipher from 1 for position('\\x3a'::bytea in id_number_cipher)
            - 1), 'escape')) stored;

create index staff_id_number_key_idx on schools.staff (id_number_key);

create table schools.key_rotation (
    id uuid default uuidv7() not null constraint key_rotation_pkey primary key,
    version integer default 1 not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    target_key varchar not null,
    state varchar not null,
    passes integer not null,
    rows_changed bigint not null,
    position uuid,
    started_by varchar not null,
    finished_at timestamptz
);

drop trigger log_update on schools.staff;
"""

# An erased person's name must not live on as the "old value" of the very change that erased it,
# and why somebody is restricted is for the audit trail alone.
_LOG = """
create trigger {name} after update on schools.staff
    referencing old table as old_rows new table as new_rows for each statement
    when (current_setting('app.erasing', true) is {condition} 'on')
    execute function schools.log_change('staff', 'staff_no', '{hidden}',
        'version,updated_at,id_number_cipher,id_number_key')
"""
_HIDDEN = "id_number_cipher,id_number_index,restricted_reason"
_OF_A_PERSON = f"{_HIDDEN},name,id_number_masked,birth_date"


def upgrade() -> None:
    """Add what the protection of personal data needs."""
    for statement in _COLUMNS.strip().split("\n\n"):
        op.execute(statement)
    op.execute(_LOG.format(name="log_update", condition="distinct from", hidden=_HIDDEN))
    op.execute(_LOG.format(name="log_erasure", condition="not distinct from", hidden=_OF_A_PERSON))
    protect("schools", "key_rotation", Protection(bureau=NOBODY))


def downgrade() -> None:
    """Take it back."""
    unprotect("schools", "key_rotation")
    op.execute("drop table schools.key_rotation")
    op.execute("drop trigger log_erasure on schools.staff")
    op.execute("drop trigger log_update on schools.staff")
    op.execute(
        _LOG.format(name="log_update", condition="distinct from", hidden=_HIDDEN)
        .replace(",id_number_key", "")
        .replace(",restricted_reason", "")
    )
    op.execute(
        "alter table schools.staff drop column id_number_key, drop column erased_at, "
        "drop column restricted_reason, drop column restricted_at"
    )
