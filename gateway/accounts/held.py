"""A person's logins, for the copy of their personal data."""

from dataclasses import replace

from gateway.accounts import queries
from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.subject_access.holdings import Holding


def _of_bureau(caller: Caller, where: Where) -> None:
    """Accounts of the requested bureau; in other bureaus the same number is another person."""
    where.add("bureau_code = {}", caller.bureau_code)


ACCOUNTS = Holding("accounts", replace(queries.ACCOUNTS, scope=_of_bureau))
