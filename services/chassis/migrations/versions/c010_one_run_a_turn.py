"""An import knows which job of the queue carries it out.

Its turn can be announced twice: by its own file, and by the end of the import before. Without
this, the second announcement was taken for the successor of a dead run, and did the work again.
"""

from alembic import context, op

revision = "c010"
down_revision = "c009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column in the service's schema."""
    schema = context.config.attributes["schema"]
    op.execute(f"alter table {schema}.import_job add column carried_by bigint")


def downgrade() -> None:
    """Remove it."""
    schema = context.config.attributes["schema"]
    op.execute(f"alter table {schema}.import_job drop column carried_by")
