"""Store a session as one row, regardless of the number of its refresh tokens.

This migration ends all sessions, because some may have survived a change of password and cannot be
identified.
"""

import sqlalchemy as sa
from alembic import op

from services.chassis.database.row_security import Protection, protect, unprotect

revision = "g004"
down_revision = "g003"
branch_labels = None
depends_on = None


def _protection(table: str) -> Protection:
    own = f"exists (select from gateway.account a where a.id = {table}.account_id)"
    return Protection(bureau=own, schools=own, person=own).for_platform()


def _row() -> list[sa.Column[object]]:
    now = sa.text("now()")
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
    ]


def _keys(table: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["gateway.account.id"],
            name=op.f(f"{table}_account_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
    ]


def _index(table: str, *columns: str, where: str | None = None) -> None:
    op.create_index(
        op.f(f"{table}_{'_'.join(columns)}_idx"),
        table,
        list(columns),
        schema="gateway",
        postgresql_where=sa.text(where) if where else None,
    )


def upgrade() -> None:
    """Sessions in place of their tokens."""
    unprotect("gateway", "refresh_token")
    op.drop_table("refresh_token", schema="gateway")
    op.create_table(
        "login_session",
        *_row(),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        *_keys("login_session"),
        schema="gateway",
    )
    _index("login_session", "account_id")
    _index("login_session", "expires_at")
    _index("login_session", "rotated_at", where="answer is not null")
    protect("gateway", "login_session", _protection("login_session"))


def downgrade() -> None:
    """Tokens again, and nobody logged in."""
    unprotect("gateway", "login_session")
    op.drop_table("login_session", schema="gateway")
    op.create_table(
        "refresh_token",
        *_row(),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("family", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        *_keys("refresh_token"),
        sa.UniqueConstraint("token_hash", name=op.f("refresh_token_token_hash_key")),
        schema="gateway",
    )
    _index("refresh_token", "account_id", "expires_at")
    _index("refresh_token", "family")
    protect("gateway", "refresh_token", _protection("refresh_token"))
