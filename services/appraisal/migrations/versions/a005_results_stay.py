"""A cycle remembers the versions of results that were discarded, so that none comes again."""

import sqlalchemy as sa
from alembic import op

revision = "a005"
down_revision = "a004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column(
        "cycle",
        sa.Column("results_version", sa.Integer(), nullable=False, server_default=sa.text("0")),
        schema="appraisal",
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("cycle", "results_version", schema="appraisal")
