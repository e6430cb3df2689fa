"""The change log follows cases."""

from services.chassis.audit.change_log import log_changes, unlog_changes

revision = "k003"
down_revision = "k002"
branch_labels = None
depends_on = None

# Table: its name in addresses, and its natural key.
TABLES = {
    "case_file": ("cases", ("case_no",)),
    "case_counter": ("case-counters", ("year",)),
    "respondent": ("respondents", ("case_id", "staff_no")),
    "case_event": ("events", ("case_id", "entry")),
    "directive_delivery": ("directives", ("directive_no",)),
}


def upgrade() -> None:
    """Log the changes of every table that holds a bureau's data."""
    for table, (resource, key) in TABLES.items():
        log_changes("accountability", table, key, resource=resource)


def downgrade() -> None:
    """Stop."""
    for table in TABLES:
        unlog_changes("accountability", table)
