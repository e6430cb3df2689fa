"""A person's logins, for the copy of their personal data."""

from dataclasses import replace

from gateway.accounts import queries
from services.chassis.lists.row_rules import WHOLE_BUREAU
from services.chassis.lists.row_scopes import RowScope
from services.chassis.subject_access.holdings import Holding

# Those of the bureau that asks: elsewhere the same number is another person's. Row security shows
# it none of them: read as the gateway itself.
_HELD = RowScope("account", {"bureau": WHOLE_BUREAU})

ACCOUNTS = Holding("accounts", replace(queries.ACCOUNTS, scope=_HELD))
