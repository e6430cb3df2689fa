"""Row security of identities: administrators see all, everybody else the own account."""

from dataclasses import replace

from services.chassis.database.row_security import NOBODY, Protection, protect, unprotect

revision = "g002"
down_revision = "g001"
branch_labels = None
depends_on = None

OWN = "username = (select nullif(current_setting('app.actor', true), ''))"
OWN_TOKEN = "exists (select from gateway.account a where a.id = refresh_token.account_id)"  # noqa: S105 -- SQL
OF_PLATFORM = Protection(bureau=NOBODY).for_platform()

TABLES = {
    "account": replace(OF_PLATFORM, bureau=OWN, schools=OWN, person=OWN),
    "client": OF_PLATFORM,
    "client_secret": OF_PLATFORM,
    "refresh_token": replace(OF_PLATFORM, bureau=OWN_TOKEN, schools=OWN_TOKEN, person=OWN_TOKEN),
    "signing_key": OF_PLATFORM,
}


def upgrade() -> None:
    """Protect every table that holds an identity."""
    for table, protection in TABLES.items():
        protect("gateway", table, protection)


def downgrade() -> None:
    """Remove the protection."""
    for table in TABLES:
        unprotect("gateway", table)
