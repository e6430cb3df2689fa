"""Imports and exports say which outage they wait out."""

from alembic import context, op

revision = "c021"
down_revision = "c020"
branch_labels = None
depends_on = None

_TABLES = ("import_job", "export_job")


def upgrade() -> None:
    """Add the columns in the service's schema."""
    schema = context.config.attributes["schema"]
    for table in _TABLES:
        op.execute(f"alter table {schema}.{table} add column waits_for text")


def downgrade() -> None:
    """Remove them."""
    schema = context.config.attributes["schema"]
    for table in _TABLES:
        op.execute(f"alter table {schema}.{table} drop column waits_for")
