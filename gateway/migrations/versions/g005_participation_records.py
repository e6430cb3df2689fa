"""Rename the scopes of facts to those of participation records, which clients hold."""

from alembic import op

from services.chassis.migrations.renamed import renamed_scopes, rewrite_entries, unlogged

revision = "g005"
down_revision = "g004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    _rename("facts", "participation_records")


def downgrade() -> None:
    """Take the change back."""
    _rename("participation_records", "facts")


def _rename(old: str, new: str) -> None:
    with unlogged("gateway", "client"):
        op.execute(
            f"update gateway.client set scopes = {renamed_scopes('scopes', old, new)} "
            f"where exists (select from unnest(scopes) scope where scope like '{old}:%')"
        )
    rewrite_entries(
        "gateway",
        {"changes": f"replace(changes::text, '\"{old}:', '\"{new}:')::json"},
        f"resource = 'clients' and operation <> 'access' and changes::text like '%\"{old}:%'",
    )
