"""Routes of the bureau's working-day calendar."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.appraisal.calendar import service
from services.appraisal.calendar.models import (
    CalendarDayRead,
    CalendarDayWrite,
    WorkingDays,
)
from services.appraisal.calendar.queries import CALENDAR_DAYS
from services.appraisal.calendar.scopes import CalendarScope
from services.appraisal.calendar.working_days import TOO_FEW, BureauCalendar, source_of
from services.chassis.core.errors import Fault, Invalid, NotFound, creates, documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection, Session
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.listing import PageParams
from services.chassis.lists.writing import require_same_key, written
from services.chassis.schemas.fields import Day, DayAsked

TAG = Tag("calendar", Text("工作日历", "Working days and holidays"))
router = APIRouter(tags=[TAG])

CanRead = Annotated[Caller, allow(CalendarScope.READ)]
CanWrite = Annotated[Caller, allow(CalendarScope.WRITE)]


@router.get(
    "/v1/calendar-days",
    summary="List exceptions (工作日历例外)",
    response_model=CALENDAR_DAYS.page_schema,
)
async def list_calendar_days(
    params: Annotated[PageParams, query_of(CALENDAR_DAYS)],
    caller: CanRead,
    lists: Lists,
) -> Response:
    """Days on which the bureau deviates from the statutory calendar."""
    return await lists.answer(CALENDAR_DAYS, caller, params)


@router.put(
    "/v1/calendar-days/{day}",
    summary="Set an exception (设置例外日)",
    response_model=CalendarDayRead,
    responses=creates(CalendarDayRead),
)
async def put_calendar_day(
    day: Day, payload: CalendarDayWrite, caller: CanWrite, session: Session
) -> Response:
    """Set a day as a working day or a day off for this bureau."""
    require_same_key(payload, day=day)
    row, is_new = await service.put_calendar_day(session, caller, payload)
    return await written(CALENDAR_DAYS, session, caller, row.id, 201 if is_new else 200)


@router.delete(
    "/v1/calendar-days/{day}",
    summary="Delete an exception (删除例外日)",
    status_code=204,
    responses=documents(NotFound),
)
async def delete_calendar_day(day: DayAsked, caller: CanWrite, session: Session) -> None:
    """Delete the exception, so that the statutory calendar applies to the day again."""
    await service.delete_calendar_day(session, caller, day)


@router.get("/v1/working-days", summary="Count working days (计算工作日)")
async def count_working_days(
    from_on: Annotated[Day, Query(description="First day that counts (起始日期)")],
    caller: CanRead,
    connection: Connection,
    days: Annotated[int, Query(ge=1, le=200, description="Working days to count (工作日天数)")] = 5,
) -> WorkingDays:
    """The day on which a number of working days is complete, and the calendar used."""
    calendar = await BureauCalendar.load(connection, caller.bureau_code)
    try:
        to_on = calendar.end_of(from_on, days)
    except ValueError as error:
        raise Invalid([Fault("/days", "calendar.too_few", TOO_FEW)]) from error
    return WorkingDays(from_on=from_on, to_on=to_on, days=days, source=source_of(from_on, to_on))
