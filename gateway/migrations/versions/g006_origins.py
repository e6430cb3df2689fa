"""Origins of the pages of API clients."""

from alembic import op

revision = "g006"
down_revision = "g005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.execute("alter table gateway.client add column allowed_origins text[] not null default '{}'")


def downgrade() -> None:
    """Remove it."""
    op.execute("alter table gateway.client drop column allowed_origins")
