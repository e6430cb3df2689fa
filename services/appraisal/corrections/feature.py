"""The corrections feature (更正)."""

from services.appraisal.corrections.models import Correction
from services.appraisal.corrections.queries import CORRECTIONS
from services.appraisal.corrections.router import router
from services.appraisal.corrections.scopes import CorrectionScope
from services.chassis.core.text import Text
from services.chassis.runtime.feature import Feature
from services.chassis.subject_access.holdings import Holding

FEATURE = Feature.of_list(
    CORRECTIONS,
    Text("更正", "a correction"),
    CorrectionScope.READ,
    Correction,
    routers=(router,),
    held=(Holding("corrections", CORRECTIONS, "p.staff_no = {}"),),
)
