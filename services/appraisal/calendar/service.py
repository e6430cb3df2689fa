"""Writes of the bureau's working-day table."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from services.appraisal.calendar.models import CalendarDay, CalendarDayWrite
from services.appraisal.calendar.queries import CALENDAR_DAY_ROWS
from services.chassis.core.errors import Conflict, NotFound
from services.chassis.database.auth import Caller
from services.chassis.database.db import unique_or
from services.chassis.http.preconditions import require_match


async def put_calendar_day(
    session: AsyncSession, caller: Caller, payload: CalendarDayWrite
) -> tuple[CalendarDay, bool]:
    """Make a day a working day, or a day off; second value: whether the exception is new.

    Raises:
        RowChanged: it is not at the version of `If-Match`.
    """
    row = await _find(session, caller, payload.day)
    if row is None:
        try:
            async with session.begin_nested(), unique_or(session, Conflict()):
                row = CalendarDay(**payload.model_dump(), bureau_code=caller.bureau_code)
                session.add(row)
            return row, True
        except Conflict:  # put twice at once: the other one was first
            row = await _find(session, caller, payload.day)
            if row is None:
                raise
    row.sqlmodel_update(payload.model_dump())
    return row, False


async def delete_calendar_day(session: AsyncSession, caller: Caller, day: date) -> None:
    """Return to the statutory calendar for a day.

    Raises:
        NotFound: there is no exception for it.
        RowChanged: it is not at the version of `If-Match`.
    """
    row = await _find(session, caller, day)
    if row is None:
        raise NotFound
    await session.delete(row)


async def _find(session: AsyncSession, caller: Caller, day: date) -> CalendarDay | None:
    """The exception as the request expects it, locked."""
    found = await session.execute(
        select(CalendarDay)
        .where(CalendarDay.day == day, CALENDAR_DAY_ROWS.criterion(caller, CalendarDay))
        .with_for_update()
    )
    row = found.scalar_one_or_none()
    require_match(row.version if row else None, row.id if row else None)
    return row
