"""Pinyin of the names of bureaus, schools and staff; staff in the order of it."""

from alembic import op

from services.chassis.lists.pinyin.named import NAME_KEYS
from services.chassis.migrations.name_columns import add_name_keys, drop_name_keys

revision = "s006"
down_revision = "s005"
branch_labels = None
depends_on = None

TABLES = ("bureau", "school", "staff")


def upgrade() -> None:
    """Apply the change."""
    for table in TABLES:
        add_name_keys("schools", table)
    for key in NAME_KEYS:
        op.create_index(_index(key), "staff", ["bureau_code", key, "id"], schema="schools")


def downgrade() -> None:
    """Take the change back."""
    for key in NAME_KEYS:
        op.drop_index(_index(key), table_name="staff", schema="schools")
    for table in TABLES:
        drop_name_keys("schools", table)


def _index(key: str) -> str:
    return f"staff_bureau_code_{key}_id_idx"
