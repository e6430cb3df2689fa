"""Pinyin of the participants' names, and the roster in the order of it."""

from alembic import op

from services.chassis.lists.pinyin.named import NAME_KEYS
from services.chassis.migrations.name_columns import add_name_keys, drop_name_keys

revision = "a004"
down_revision = "a003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    add_name_keys("appraisal", "participant")
    for key in NAME_KEYS:
        op.create_index(_index(key), "participant", ["cycle_id", key, "id"], schema="appraisal")


def downgrade() -> None:
    """Take the change back."""
    for key in NAME_KEYS:
        op.drop_index(_index(key), table_name="participant", schema="appraisal")
    drop_name_keys("appraisal", "participant")


def _index(key: str) -> str:
    return f"participant_cycle_id_{key}_id_idx"
