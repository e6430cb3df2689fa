"""Staff in the order of employment: the one order of the list that had no index."""

from alembic import op

revision = "s005"
down_revision = "s004"
branch_labels = None
depends_on = None

INDEX = "staff_bureau_code_employed_on_id_idx"


def upgrade() -> None:
    """Apply the change."""
    op.create_index(INDEX, "staff", ["bureau_code", "employed_on", "id"], schema="schools")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(INDEX, table_name="staff", schema="schools")
