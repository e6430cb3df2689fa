"""Row security of the appraisal."""

from services.chassis.database.row_security import Protection, protect, unprotect

revision = "a002"
down_revision = "a001"
branch_labels = None
depends_on = None

OF_PARTICIPANT = (
    "appraisal.participant p where p.cycle_id = {table}.cycle_id and p.staff_no = {table}.staff_no"
)

TABLES = {
    "rule_set": Protection(),
    "cycle": Protection().for_all_of_bureau(),
    "calendar_day": Protection().for_all_of_bureau(),
    "participant": Protection().with_schools().with_person(),
    "fact": Protection().through(OF_PARTICIPANT.format(table="fact")),
    "score": Protection().through(OF_PARTICIPANT.format(table="score")),
    "result": Protection().through(OF_PARTICIPANT.format(table="result")),
    "school_quota": Protection().with_schools(),
    "directive": Protection(),
    "correction": Protection(),
}


def upgrade() -> None:
    """Protect every table that holds a bureau's data."""
    for table, protection in TABLES.items():
        protect("appraisal", table, protection)


def downgrade() -> None:
    """Remove the protection."""
    for table in TABLES:
        unprotect("appraisal", table)
