"""Who sees which rows, where many tables have the same rule (`Listing.scope`)."""

from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.listing import Scope


def whole_bureau(column: str = "bureau_code") -> Scope:
    """The bureau's rows for bureau-wide callers; none for schools and persons.

    Args:
        column: SQL of the row's bureau.
    """

    def visible_to(caller: Caller, where: Where) -> None:
        where.add(f"{column} = {{}}", caller.bureau_code)
        if caller.level != "bureau":
            where.add("false")

    return visible_to


def administrators(caller: Caller, where: Where) -> None:
    """All rows, for platform administrators, who have no bureau; none for anybody else."""
    if caller.bureau is not None:
        where.add("false")
