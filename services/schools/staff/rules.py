"""Rules between the fields of a member of staff."""

from typing import Any

from services.chassis.core.text import Text
from services.chassis.schemas.validation import invalid_value


def check_days(values: dict[str, Any]) -> None:
    """Refuse a last day before the first day of employment.

    Raises:
        PydanticCustomError: `left_on.before_employment`.
    """
    if values["left_on"] and values["left_on"] < values["employed_on"]:
        raise invalid_value(
            "left_on.before_employment",
            Text("离职日期早于入职日期", "The last day is before the first day of employment"),
        )


def check_status(values: dict[str, Any]) -> None:
    """Require the last day of staff who have left.

    Raises:
        PydanticCustomError: `left_on.missing`.
    """
    if values["status"] == "left" and values["left_on"] is None:
        raise invalid_value(
            "left_on.missing",
            Text("离职人员须有离职日期", "The last day is required for a person who has left"),
        )
