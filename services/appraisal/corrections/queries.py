"""How corrections are listed."""

from services.appraisal.corrections.models import CorrectionRead
from services.chassis.core.errors import NotFound
from services.chassis.core.text import Text
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_scopes import whole_bureau


class CorrectionNotFound(NotFound):
    """No such correction in the bureau."""

    code = "appraisal.correction_not_found"
    title = Text("没有这项更正", "No such correction")
    detail = Text("没有更正 {key}，或您无权查看。", "No correction {key}, or not visible to you.")


CORRECTIONS = Listing(
    "corrections",
    CorrectionRead,
    "correction k join participant p using (cycle_id, staff_no) "
    "join directive d on d.id = k.directive_id",
    whole_bureau("k.bureau_code"),
    sorts=("created_at", "staff_no", "name", "school_code", "decided_at"),
    sql={
        "id": "k.id",
        "state": "k.state",
        "version": "k.version",
        "name": "p.name",
        "school_code": "p.school_code",
        "year": "d.year",
        "case_no": "d.case_no",
        "measure": "d.measure",
        "basis": "d.basis",
        "created_at": "k.created_at",
        "staff_no": "p.staff_no",
    },
    key="k.id",
    missing=CorrectionNotFound,
)
