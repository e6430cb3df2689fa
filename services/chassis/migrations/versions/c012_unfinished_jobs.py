"""The unfinished imports and exports of an account are counted without reading its past ones."""

from alembic import context, op

revision = "c012"
down_revision = "c011"
branch_labels = None
depends_on = None

_UNFINISHED = {
    "import_job": "'open', 'queued', 'validating', 'loading'",
    "export_job": "'queued', 'running'",
}


def upgrade() -> None:
    """Create the indexes in the service's schema."""
    schema = context.config.attributes["schema"]
    for table, states in _UNFINISHED.items():
        op.execute(
            f"create index {table}_unfinished_idx on {schema}.{table} (subject) "
            f"where state in ({states})"
        )


def downgrade() -> None:
    """Remove them."""
    schema = context.config.attributes["schema"]
    for table in _UNFINISHED:
        op.execute(f"drop index {schema}.{table}_unfinished_idx")
