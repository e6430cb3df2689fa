"""A person's logins, for the copy of all that is held of the person."""

from dataclasses import replace

from gateway.accounts import queries
from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.subject_access.holdings import Holding


def _of_bureau(caller: Caller, where: Where) -> None:
    """Those of the bureau asked for: elsewhere the same number is another person's."""
    where.add("bureau_code = {}", caller.bureau_code)


ACCOUNTS = Holding("accounts", replace(queries.ACCOUNTS, scope=_of_bureau))
