"""Visibility and listing of reported ID numbers."""

from services.chassis.database.auth import Caller
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_rules import WHOLE_BUREAU, Condition, Narrowing
from services.chassis.lists.row_scopes import RowScope
from services.chassis.procedures.machine import ROW
from services.schools.id_number_reports.errors import ReportNotFound
from services.schools.id_number_reports.models import IdNumberReportRead
from services.schools.id_number_reports.states import HOLDER, RECORDED, REPORT_PROCEDURE


def _not_as_recorded(_caller: Caller, row: str) -> list[Condition]:
    """Hides reports of numbers that equal the recorded ones."""
    return [Condition(f"{row}state <> {{}}", (RECORDED,))]


REPORT_ROWS = RowScope("id_number_report", {"bureau": WHOLE_BUREAU}, Narrowing(_not_as_recorded))

REPORTS = Listing(
    "id-number-reports",
    IdNumberReportRead,
    "id_number_report",
    REPORT_ROWS,
    sorts=("created_at", "staff_no", "school_code", "settled_at"),
    sql={
        "name": "person_name(bureau_code, staff_no)",
        "holder_staff_no": HOLDER.replace(ROW, "id_number_report"),
    },
    missing=ReportNotFound,
    procedure=REPORT_PROCEDURE,
    shows_more=True,
)
