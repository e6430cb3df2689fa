"""The directives feature (问责影响)."""

from services.appraisal.codes import DIRECTIVE_STATES, EFFECTS
from services.appraisal.directives.models import Directive
from services.appraisal.directives.queries import DIRECTIVE_ROWS, DIRECTIVES
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.exports.spec import Exportable
from services.chassis.runtime.feature import Feature
from services.chassis.subject_access.holdings import Holding

FEATURE = Feature(
    tables=(Directive,),
    row_scopes=(DIRECTIVE_ROWS,),
    exports=(Exportable(DIRECTIVES, "directives:read"),),
    tracked=(Recorded.listed(DIRECTIVES, Text("问责影响", "a directive"), "directives:read"),),
    held=(Holding("directives", DIRECTIVES),),
    code_lists=(EFFECTS, DIRECTIVE_STATES),
)
