"""The change log follows accounts, clients, their secrets and the signing keys.

Sessions (refresh tokens) are left out: they come and go with every login.
"""

from services.chassis.audit.change_log import log_changes, unlog_changes

revision = "g003"
down_revision = "g002"
branch_labels = None
depends_on = None

TABLES = ("account", "client", "client_secret", "signing_key")


def upgrade() -> None:
    """Log their changes, and nothing that is secret."""
    log_changes("gateway", "account", ("username",), resource="accounts", hidden=("password_hash",))
    log_changes("gateway", "client", ("client_id",), resource="clients")
    log_changes(
        "gateway",
        "client_secret",
        ("client_row",),
        resource="client-secrets",
        hidden=("secret_hash",),
    )
    log_changes("gateway", "signing_key", ("kid",), resource="signing-keys", hidden=("wrapped",))


def downgrade() -> None:
    """Stop."""
    for table in TABLES:
        unlog_changes("gateway", table)
