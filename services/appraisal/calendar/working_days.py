"""Working days: statutory holidays and make-up days, with the bureau's own table over them."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import chinese_calendar

from services.chassis.core.text import Text
from services.chassis.database.db import Conn

_LONGEST = timedelta(days=366)
TOO_FEW = Text("一年内工作日不足，请检查工作日历", "Too few working days within a year")


@dataclass
class BureauCalendar:
    """Answers whether a day is a working day for one bureau."""

    own: dict[date, bool] = field(default_factory=dict)

    @classmethod
    async def load(cls, connection: Conn, bureau_code: str) -> "BureauCalendar":
        """The calendar of a bureau."""
        rows = await connection.fetch(
            "select day, is_working from calendar_day where bureau_code = $1", bureau_code
        )
        return cls({row["day"]: row["is_working"] for row in rows})

    def is_working_day(self, day: date) -> bool:
        """The bureau's own table first, then the statutory calendar, then plain weekends."""
        if day in self.own:
            return self.own[day]
        if not is_published(day.year):
            return day.weekday() < 5
        return bool(chinese_calendar.is_workday(day))

    def count(self, from_on: date, to_on: date) -> int:
        """Working days from `from_on` to `to_on`, both included."""
        span = (to_on - from_on).days + 1
        return sum(self.is_working_day(from_on + timedelta(days=n)) for n in range(span))

    def end_of(self, from_on: date, days: int) -> date:
        """The day on which `days` working days from `from_on` (included) are complete.

        Raises:
            ValueError: a year holds too few working days, so the bureau's table must be wrong.
        """
        day, left = from_on, days
        while day - from_on < _LONGEST:
            left -= self.is_working_day(day)
            if left == 0:
                return day
            day += timedelta(days=1)
        raise ValueError(f"fewer than {days} working days within a year of {from_on}")


def is_published(year: int) -> bool:
    """Whether the holidays of `year` are known; they are announced late in the year before."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def source_of(from_on: date, to_on: date) -> str:
    """How the working days of a span are known: `statutory` or `weekends_only`."""
    years = range(from_on.year, to_on.year + 1)
    return "statutory" if all(is_published(year) for year in years) else "weekends_only"
