"""Row security of bureaus, schools and staff."""

from services.chassis.database.row_security import Protection, protect, unprotect

revision = "s002"
down_revision = "s001"
branch_labels = None
depends_on = None

TABLES = {
    "bureau": Protection().for_all_of_bureau().for_platform(),
    "school": Protection().with_schools(),
    "staff": Protection().with_schools().with_person(),
}


def upgrade() -> None:
    """Protect every table that holds a bureau's data."""
    for table, protection in TABLES.items():
        protect("schools", table, protection)


def downgrade() -> None:
    """Remove the protection."""
    for table in TABLES:
        unprotect("schools", table)
