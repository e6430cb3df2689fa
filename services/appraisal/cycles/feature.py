"""The cycles feature (考核年度)."""

from services.appraisal.cycles.models import Cycle
from services.appraisal.cycles.queries import CYCLE_ROWS, CYCLES
from services.appraisal.cycles.states import CYCLE_PROCEDURE
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.exports.spec import Exportable
from services.chassis.runtime.feature import Feature

FEATURE = Feature(
    tables=(Cycle,),
    row_scopes=(CYCLE_ROWS,),
    exports=(Exportable(CYCLES, "cycles:read"),),
    tracked=(Recorded.listed(CYCLES, Text("考核年度", "a cycle"), "cycles:read"),),
    procedures=(CYCLE_PROCEDURE,),
)
