"""Export jobs."""

from alembic import context, op

from services.chassis.database.row_security import OF_BUREAU, Protection, protect, unprotect

revision = "c008"
down_revision = "c007"
branch_labels = None
depends_on = None

# A script: one statement a paragraph. Platform accounts belong to no bureau.
_TABLE = """
create table {schema}.export_job (
    id uuid primary key default uuidv7(),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    bureau_code text,
    subject text not null,
    created_by text not null,
    caller jsonb not null,
    reach text not null,
    scopes text[] not null,
    resource text not null,
    within jsonb not null,
    query jsonb not null,
    format text not null,
    compress text not null,
    bom boolean not null,
    language text not null,
    file_name text not null,
    idempotency_key text,
    request_digest bytea not null,
    state text not null default 'queued',
    run integer not null default 0,
    is_cancelled boolean not null default false,
    file_key bytea,
    rows bigint,
    bytes bigint not null default 0,
    sha256 text,
    problem jsonb,
    started_at timestamptz,
    finished_at timestamptz,
    expires_at timestamptz not null,
    is_expired boolean not null default false,
    unique (subject, idempotency_key)
);

create index export_job_list_idx on {schema}.export_job (subject, created_at, id);

create index export_job_expiry_idx on {schema}.export_job (expires_at) where not is_expired;
"""

# An export shows what its creator may see: nobody else sees it.
_OWN = "subject = (select nullif(current_setting('app.subject', true), ''))"
_OF_BUREAU = f"{OF_BUREAU} and {_OWN}"
_PROTECTION = Protection(
    bureau=_OF_BUREAU,
    schools=_OF_BUREAU,
    person=_OF_BUREAU,
    platform=f"bureau_code is null and {_OWN}",
)


def upgrade() -> None:
    """Create the table in the service's schema."""
    schema = context.config.attributes["schema"]
    for statement in _TABLE.format(schema=schema).strip().split("\n\n"):
        op.execute(statement)
    protect(schema, "export_job", _PROTECTION)


def downgrade() -> None:
    """Remove it."""
    schema = context.config.attributes["schema"]
    unprotect(schema, "export_job")
    op.execute(f"drop table {schema}.export_job")
