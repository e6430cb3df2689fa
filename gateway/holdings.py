"""What the gateway holds of a person: the logins."""

from dataclasses import replace

from gateway.accounts.queries import ACCOUNTS
from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.subject_access.holdings import Holding


def _of_bureau(caller: Caller, where: Where) -> None:
    """Those of the bureau asked for: elsewhere the same number is somebody else's."""
    where.add("bureau_code = {}", caller.bureau_code)


HOLDINGS = (Holding("accounts", replace(ACCOUNTS, scope=_of_bureau)),)
