"""How exceptions of the working-day calendar are listed."""

from services.appraisal.calendar.models import CalendarDayRead
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_rules import WHOLE_BUREAU
from services.chassis.lists.row_scopes import RowScope

CALENDAR_DAY_ROWS = RowScope(
    "calendar_day", {"bureau": WHOLE_BUREAU, "schools": WHOLE_BUREAU, "person": WHOLE_BUREAU}
)

CALENDAR_DAYS = Listing(
    "calendar-days",
    CalendarDayRead,
    "calendar_day",
    CALENDAR_DAY_ROWS,
    sorts=("day",),
    keys_return=True,
)
