"""Checks of days over all rows of an import, made from the rules of the schemas."""

from collections.abc import Callable

from services.chassis.database.auth import Caller
from services.chassis.imports.declaration.spec import Check, Words
from services.chassis.procedures.sql import TODAY
from services.chassis.schemas.days import DayOrder, PastDay


def order_check(rule: DayOrder, target: str, *, sees_stored: Callable[[Caller], bool]) -> Check:
    """The check that two stored columns are in order; the stored row has the one a row lacks.

    Args:
        rule: on two columns, which are null in a staged row only where they stay as they are.
        target: the table.
        sees_stored: who may learn how a stored day compares with one in the file. For others
            only days of the file are compared.
    """
    later, earlier = f"c.{rule.later}", f"c.{rule.earlier}"
    one, other = f"coalesce({later}, t.{rule.later})", f"coalesce({earlier}, t.{rule.earlier})"
    return Check(
        rule.later,
        Words(rule.code, rule.message),
        f"select c._row as row, {later} as later, {earlier} as earlier from {{changed}} c "
        f"where {rule.broken(later, earlier)} "
        f"union all select c._row, {one}, {other} from {{changed}} c join {target} t "
        f"on t.id = c._id where {{visible}} and ({later} is null) <> ({earlier} is null) "
        f"and {rule.broken(one, other)}",
        params=("later", "earlier"),
        visible=lambda caller: str(sees_stored(caller)).lower(),
    )


def past_check(rule: PastDay) -> Check:
    """The check that a day has come, by the platform's clock."""
    return Check(
        rule.field,
        Words(rule.code, rule.message),
        f"select c._row as row, c.{rule.field} as value, {TODAY} as today from {{changed}} c "
        f"where c.{rule.field} > {TODAY}",
        params=("value", "today"),
    )
