"""The bureaus feature (教育局)."""

from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.exports.spec import Exportable
from services.chassis.runtime.feature import Feature
from services.schools.bureaus.models import Bureau
from services.schools.bureaus.queries import BUREAU_ROWS, BUREAUS
from services.schools.bureaus.router import router

FEATURE = Feature(
    routers=(router,),
    tables=(Bureau,),
    row_scopes=(BUREAU_ROWS,),
    exports=(Exportable(BUREAUS, "bureaus:read"),),
    tracked=(Recorded.listed(BUREAUS, Text("教育局", "a bureau"), "bureaus:read"),),
)
