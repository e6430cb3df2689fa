"""Moves the platform's clock, which system administrators can do in development."""

from datetime import date, datetime, time, timedelta, timezone

from client.api import JunhengClient
from client.demo.errors import DemoFailed
from client.models import Clock
from client.problems import Problem
from client.text import Text

CHINA = timezone(timedelta(hours=8))
CLOCK = "/v1/clock"
_NOT_FOUND = 404
_NOT_MOVABLE = Text(
    "平台时钟不能调整：演示只能在开发环境（JUNHENG_ENVIRONMENT=development）中运行。",
    "The platform's clock cannot be moved: the demo requires JUNHENG_ENVIRONMENT=development.",
)


def start_of(year: int) -> datetime:
    """The start of a year's appraisal: 5 January of the next year."""
    return _morning(date(year + 1, 1, 5))


def morning_after(day: date) -> datetime:
    """Nine o'clock on the next day."""
    return _morning(day + timedelta(days=1))


def move_clock_to(client: JunhengClient, moment: datetime) -> datetime:
    """Move the clock to `moment`, unless an earlier run has moved it there or beyond.

    Returns:
        The time it shows.

    Raises:
        DemoFailed: the clock of this platform cannot be moved.
    """
    try:
        clock = Clock.model_validate(client.get(CLOCK))
    except Problem as problem:
        if problem.status == _NOT_FOUND:
            raise DemoFailed(_NOT_MOVABLE) from problem
        raise
    if clock.moved and clock.now >= moment:
        return clock.now
    client.put(CLOCK, {"now": moment.isoformat()})
    return moment


def return_to_real_time(client: JunhengClient) -> None:
    """Reset the platform's clock to real time."""
    client.put(CLOCK, {"now": None})


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9), CHINA)
