"""The change log follows bureaus, schools and staff."""

from services.chassis.audit.change_log import log_changes, unlog_changes

revision = "s003"
down_revision = "s002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Log their changes."""
    log_changes("schools", "bureau", ("bureau_code",), resource="bureaus")
    log_changes("schools", "school", ("school_code",), resource="schools")
    log_changes(
        "schools",
        "staff",
        ("staff_no",),
        hidden=("id_number_cipher", "id_number_index"),
        # The same number has another ciphertext each time; its index tells whether it changed.
        quiet=("id_number_cipher",),
    )


def downgrade() -> None:
    """Stop."""
    for table in ("bureau", "school", "staff"):
        unlog_changes("schools", table)
