"""The mask of an ID number is the same for everybody and stored no more.

Entries of the change log that hold the old one tell it no more (`withheld.NEVER_SHOWN`).
"""

from alembic import op

revision = "s011"
down_revision = "s010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the column."""
    op.execute("alter table schools.staff drop column id_number_masked")


def downgrade() -> None:
    """Bring it back; the old masks are gone."""
    op.execute(
        "alter table schools.staff add column id_number_masked varchar not null "
        "default '******************'"
    )
    op.execute("alter table schools.staff alter column id_number_masked drop default")
