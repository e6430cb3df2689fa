"""The corrections feature (更正)."""

from services.appraisal.corrections.models import Correction
from services.appraisal.corrections.queries import CORRECTION_ROWS, CORRECTIONS
from services.appraisal.corrections.router import router
from services.appraisal.corrections.states import CORRECTION_PROCEDURE
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.exports.spec import Exportable
from services.chassis.runtime.feature import Feature
from services.chassis.subject_access.holdings import Holding

FEATURE = Feature(
    routers=(router,),
    tables=(Correction,),
    row_scopes=(CORRECTION_ROWS,),
    exports=(Exportable(CORRECTIONS, "corrections:read"),),
    tracked=(Recorded.listed(CORRECTIONS, Text("更正", "a correction"), "corrections:read"),),
    held=(Holding("corrections", CORRECTIONS, "p.staff_no = {}"),),
    procedures=(CORRECTION_PROCEDURE,),
)
