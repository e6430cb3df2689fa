"""Rows whose very entries the feed does not tell; and deleted rows are found without a scan."""

from alembic import context, op

revision = "c018"
down_revision = "c017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the index in the service's schema."""
    schema = context.config.attributes["schema"]
    op.execute(
        f"alter table {schema}.change_withheld "
        "add column hides_entries boolean not null default false"
    )
    op.execute(
        f"create index change_log_deleted_idx on {schema}.change_log (bureau_code, resource) "
        "where operation = 'delete'"
    )


def downgrade() -> None:
    """Remove both."""
    schema = context.config.attributes["schema"]
    op.execute(f"drop index {schema}.change_log_deleted_idx")
    op.execute(f"alter table {schema}.change_withheld drop column hides_entries")
