"""How corrections are listed."""

from services.appraisal.corrections.errors import CorrectionNotFound
from services.appraisal.corrections.models import CorrectionRead
from services.appraisal.corrections.states import CORRECTION_PROCEDURE
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_rules import WHOLE_BUREAU
from services.chassis.lists.row_scopes import RowScope

CORRECTION_ROWS = RowScope("correction", {"bureau": WHOLE_BUREAU})

CORRECTIONS = Listing(
    "corrections",
    CorrectionRead,
    "correction k join participant p using (cycle_id, staff_no) "
    "join directive d on d.id = k.directive_id",
    CORRECTION_ROWS.under("k"),
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
    procedure=CORRECTION_PROCEDURE,
)
