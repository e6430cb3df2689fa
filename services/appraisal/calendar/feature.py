"""The working-day calendar feature (工作日历)."""

from services.appraisal.calendar.models import CalendarDay
from services.appraisal.calendar.queries import CALENDAR_DAY_ROWS, CALENDAR_DAYS
from services.appraisal.calendar.router import router
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.exports.spec import Exportable
from services.chassis.runtime.feature import Feature

_TITLE = Text("工作日历例外", "a calendar exception")

FEATURE = Feature(
    routers=(router,),
    tables=(CalendarDay,),
    row_scopes=(CALENDAR_DAY_ROWS,),
    exports=(Exportable(CALENDAR_DAYS, "calendar:read"),),
    tracked=(
        Recorded.listed(
            CALENDAR_DAYS, Text("工作日历例外", "a calendar exception"), "calendar:read"
        ),
    ),
)
