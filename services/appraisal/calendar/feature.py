"""The working-day calendar feature (工作日历)."""

from services.appraisal.calendar.models import CalendarDay
from services.appraisal.calendar.queries import CALENDAR_DAYS
from services.appraisal.calendar.router import router
from services.appraisal.calendar.scopes import CalendarScope
from services.chassis.core.text import Text
from services.chassis.runtime.feature import Feature

_TITLE = Text("工作日历例外", "a calendar exception")

FEATURE = Feature.of_list(CALENDAR_DAYS, _TITLE, CalendarScope.READ, CalendarDay, routers=(router,))
