"""Answers kept under an `Idempotency-Key`, each visible to the caller it was given to."""

from alembic import context, op

from services.chassis.database.row_security import LEVELS

revision = "c003"
down_revision = "c002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table in the service's schema."""
    schema = context.config.attributes["schema"]
    op.execute(
        f"""
        create table {schema}.idempotency (
            subject text not null,
            key text not null,
            digest bytea not null,
            status integer,
            headers text,
            body bytea,
            created_at timestamptz not null default now(),
            primary key (subject, key)
        )
        """
    )
    op.execute(f"create index on {schema}.idempotency (subject, created_at)")
    op.execute(f"alter table {schema}.idempotency enable row level security")
    op.execute(f"alter table {schema}.idempotency force row level security")
    own = "subject = (select nullif(current_setting('app.subject', true), ''))"
    for level in LEVELS:
        op.execute(
            f"create policy {level} on {schema}.idempotency to junheng_{schema}_{level} "
            f"using ({own}) with check ({own})"
        )


def downgrade() -> None:
    """Remove the table."""
    schema = context.config.attributes["schema"]
    op.execute(f"drop table {schema}.idempotency")
