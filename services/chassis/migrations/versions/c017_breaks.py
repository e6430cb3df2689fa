"""An import knows how often its run broke off for a fault of its own, and is given up in time."""

from alembic import context, op

revision = "c017"
down_revision = "c016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column in the service's schema."""
    schema = context.config.attributes["schema"]
    op.execute(f"alter table {schema}.import_job add column breaks smallint not null default 0")


def downgrade() -> None:
    """Remove it."""
    schema = context.config.attributes["schema"]
    op.execute(f"alter table {schema}.import_job drop column breaks")
