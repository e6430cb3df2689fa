"""Days that contradict each other or the calendar: declared once, checked in bodies and imports.

A rule knows its words, which name both days, and its condition in SQL; bodies check values with
it, imports all rows of a file in one statement (`imports.declaration.day_checks`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import AfterValidator

from services.chassis.core.errors import Fault
from services.chassis.core.text import Text
from services.chassis.database.clock import CHINA
from services.chassis.schemas.validation import invalid_value

_FIRST_YEAR, _LAST_YEAR = 1900, 2200


@dataclass(frozen=True)
class DayOrder:
    """Two days of a row, of which one is never before the other.

    Attributes:
        later: the field to blame, or its column.
        earlier: the other one.
        code: of the fault.
        message: its words, with `{later}` and `{earlier}` for the two days.
        years: how many years there are at least between them.
    """

    later: str
    earlier: str
    code: str
    message: Text
    years: int = 0

    def fault(self, later: date | None, earlier: date | None) -> Fault | None:
        """The fault of two days; None where they are in order, or one is not given."""
        if later is None or earlier is None or later >= _after(earlier, self.years):
            return None
        days = {"later": later.isoformat(), "earlier": earlier.isoformat()}
        return Fault(f"/{self.later}", self.code, self.message, days)

    def check(self, values: Mapping[str, Any]) -> None:
        """Check the two days among the values of a row, by name.

        Raises:
            PydanticCustomError: they are not in order.
        """
        if fault := self.fault(values[self.later], values[self.earlier]):
            raise invalid_value(fault.code, fault.message, **fault.params)

    def broken(self, later: str, earlier: str) -> str:
        """The SQL condition that two days, given as expressions, are not in order."""
        return f"{later} < {earlier} + interval '{self.years} years'"


ENDS_AFTER_START = DayOrder(
    "ends_on",
    "starts_on",
    "ends_on.before_start",
    Text(
        "结束日期 {later} 早于开始日期 {earlier}",
        "The last day, {later}, is before the first day, {earlier}",
    ),
)


@dataclass(frozen=True)
class PastDay:
    """A day of a row that is not after the present one.

    Attributes:
        field: the day.
        code: of the fault.
        message: its words, with `{value}` for the day and `{today}`.
    """

    field: str
    code: str
    message: Text

    def fault(self, day: date | None, today: date) -> Fault | None:
        """The fault of a day; None where it has come."""
        if day is None or day <= today:
            return None
        days = {"value": day.isoformat(), "today": today.isoformat()}
        return Fault(f"/{self.field}", self.code, self.message, days)


def plausible(value: Any) -> Any:
    """Refuse days and moments outside of living memory."""
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise invalid_value("date.implausible", Text("日期不合常理", "Not a plausible date"))
    return value


def within(years: int) -> AfterValidator:
    """Refuse a day that is more years ahead: `2062` is mostly `2026` or `1962`."""
    return AfterValidator(_not_beyond(years))


def _not_beyond(years: int) -> Callable[[date], date]:
    words = Text(
        "日期 {value} 比今天（{today}）晚 {years} 年以上，请核对年份",
        "{value} is more than {years} year(s) after today ({today}). Check the year",
    )

    def check(value: date) -> date:
        today = datetime.now(CHINA).date()
        if value > _after(today, years):
            raise invalid_value(
                "date.too_far_ahead",
                words,
                value=value.isoformat(),
                today=today.isoformat(),
                years=years,
            )
        return value

    return check


def _after(day: date, years: int) -> date:
    """The same day so many years later; of 29 February the 28th, as in PostgreSQL."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
