"""Which reports a caller sees, and how they are listed."""

from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_scopes import whole_bureau
from services.chassis.procedures.machine import ROW
from services.schools.id_number_reports.errors import ReportNotFound
from services.schools.id_number_reports.models import IdNumberReportRead
from services.schools.id_number_reports.states import HOLDER, RECORDED, REPORT_PROCEDURE

_OF_BUREAU = whole_bureau()


def visible_to(caller: Caller, where: Where) -> None:
    """The bureau's reports, for callers who work for all of it; not what agrees with the record."""
    _OF_BUREAU(caller, where)
    where.add("state <> {}", RECORDED)


REPORTS = Listing(
    "id-number-reports",
    IdNumberReportRead,
    "id_number_report",
    visible_to,
    sorts=("created_at", "staff_no", "school_code", "settled_at"),
    sql={
        "name": "person_name(bureau_code, staff_no)",
        "holder_staff_no": HOLDER.replace(ROW, "id_number_report"),
    },
    missing=ReportNotFound,
    procedure=REPORT_PROCEDURE,
    shows_more=True,
)
