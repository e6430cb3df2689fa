"""The change log follows the appraisal."""

from services.chassis.audit.change_log import log_changes, unlog_changes

revision = "a003"
down_revision = "a002"
branch_labels = None
depends_on = None

# Table: its name in addresses, and its natural key.
TABLES = {
    "rule_set": ("rule-sets", ("code",)),
    "cycle": ("cycles", ("year",)),
    "calendar_day": ("calendar-days", ("day",)),
    "participant": ("participants", ("cycle_id", "staff_no")),
    "fact": ("facts", ("cycle_id", "staff_no", "kind", "starts_on")),
    "score": ("scores", ("cycle_id", "staff_no")),
    "result": ("results", ("cycle_id", "staff_no")),
    "school_quota": ("quotas", ("cycle_id", "school_code")),
    "directive": ("directives", ("directive_no",)),
    "correction": ("corrections", ("directive_id",)),
}


def upgrade() -> None:
    """Log the changes of every table that holds a bureau's data."""
    for table, (resource, key) in TABLES.items():
        log_changes("appraisal", table, key, resource=resource)


def downgrade() -> None:
    """Stop."""
    for table in TABLES:
        unlog_changes("appraisal", table)
