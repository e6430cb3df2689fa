"""Problems of reported ID numbers."""

from services.chassis.core.errors import Conflict, NotFound
from services.chassis.core.text import Text


class ReportNotFound(NotFound):
    """No such report, or not visible to the caller."""

    code = "schools.id_number_report_not_found"
    title = Text("没有这条报送记录", "No such report")
    detail = Text("没有报送记录 {key}，或您无权查看。", "No report {key}, or not visible to you.")


class IdNumberHeld(Conflict):
    """The reported number is recorded under another person."""

    code = "schools.id_number_held"
    title = Text("身份证号已登记在他人名下", "ID number recorded under another person")
    detail = Text(
        "该号码登记在工号 {holder} 名下；请先核对并更正该记录，再采纳报送。",
        "The number is recorded for staff number {holder}; check and correct that record before "
        "you accept the report.",
    )
