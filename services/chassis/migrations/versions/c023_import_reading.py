"""Imports keep a report on their file: sheet, header, columns and rows that are not read."""

from services.chassis.migrations.scripts import run_script

revision = "c023"
down_revision = "c022"
branch_labels = None
depends_on = None

_UP = """
alter table {schema}.import_job add column reading jsonb;

alter table {schema}.import_part add column passed jsonb not null default '[]';
"""
_DOWN = """
alter table {schema}.import_part drop column passed;

alter table {schema}.import_job drop column reading;
"""


def upgrade() -> None:
    """Add the columns in the service's schema."""
    run_script(_UP)


def downgrade() -> None:
    """Remove them."""
    run_script(_DOWN)
