"""Links that work once, for downloads and event streams of a browser."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from services.chassis.database.row_security import Protection, protect, unprotect

revision = "g007"
down_revision = "g006"
branch_labels = None
depends_on = None

_TABLE = "one_time_link"


def _protection() -> Protection:
    own = f"exists (select from gateway.account a where a.id = {_TABLE}.account_id)"
    return Protection(bureau=own, schools=own, person=own).for_platform()


def _columns() -> list[sa.Column[object]]:
    now = sa.text("now()")
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("path", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    ]


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        _TABLE,
        *_columns(),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["gateway.account.id"],
            name=op.f(f"{_TABLE}_account_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{_TABLE}_pkey")),
        schema="gateway",
    )
    for column in ("secret_hash", "account_id", "expires_at"):
        name = op.f(f"{_TABLE}_{column}_idx")
        unique = column == "secret_hash"
        op.create_index(name, _TABLE, [column], schema="gateway", unique=unique)
    protect("gateway", _TABLE, _protection())


def downgrade() -> None:
    """Drop it."""
    unprotect("gateway", _TABLE)
    op.drop_table(_TABLE, schema="gateway")
