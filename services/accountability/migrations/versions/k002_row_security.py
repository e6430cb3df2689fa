"""Row security of accountability cases."""

from services.chassis.database.row_security import Protection, protect, unprotect

revision = "k002"
down_revision = "k001"
branch_labels = None
depends_on = None

OF_CASE = "accountability.case_file c where c.id = {table}.case_id"

TABLES = {
    "case_file": Protection().with_schools(),
    "case_counter": Protection().for_all_of_bureau(),
    "respondent": Protection().through(OF_CASE.format(table="respondent")),
    "case_event": Protection().through(OF_CASE.format(table="case_event")),
    "directive_delivery": Protection().through(OF_CASE.format(table="directive_delivery")),
}


def upgrade() -> None:
    """Protect every table that holds a bureau's data."""
    for table, protection in TABLES.items():
        protect("accountability", table, protection)


def downgrade() -> None:
    """Remove the protection."""
    for table in TABLES:
        unprotect("accountability", table)
