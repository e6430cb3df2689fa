"""Rules between the fields of a member of staff."""

from typing import Any

from services.chassis.core.text import Text
from services.chassis.schemas.days import DayOrder
from services.chassis.schemas.id_numbers.parts import birth_date_of
from services.chassis.schemas.validation import invalid_value

DAYS_IN_ORDER = DayOrder(
    "left_on",
    "employed_on",
    "left_on.before_employment",
    Text(
        "离职日期 {later} 早于入职日期 {earlier}",
        "The last day, {later}, is before the first day of employment, {earlier}",
    ),
)
# Nobody under 16 may be employed (《中华人民共和国劳动法》第十五条).
OLD_ENOUGH = DayOrder(
    "employed_on",
    "birth_date",
    "employed_on.under_age",
    Text(
        "入职日期 {later} 时未满 16 周岁（出生日期 {earlier}），请核对两个日期",
        "The person, born on {earlier}, was under 16 on the first day of employment, {later}. "
        "Check both days",
    ),
    years=16,
)


def check_age(values: dict[str, Any]) -> None:
    """Refuse a first day of employment before birth, or before the age of work.

    Raises:
        PydanticCustomError: `employed_on.under_age`.
    """
    born = birth_date_of(values["id_number"])
    OLD_ENOUGH.check({"employed_on": values["employed_on"], "birth_date": born})


def check_status(values: dict[str, Any]) -> None:
    """Require the last day of staff who are no longer employed.

    Raises:
        PydanticCustomError: `left_on.missing`.
    """
    if values["status"] != "active" and values["left_on"] is None:
        raise invalid_value(
            "left_on.missing",
            Text(
                "不在职人员须有离职日期",
                "The last day is required for a person who is no longer employed",
            ),
        )
