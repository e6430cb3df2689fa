"""The directives feature (问责影响)."""

from services.appraisal.codes import DIRECTIVE_STATES, EFFECTS
from services.appraisal.directives.models import Directive
from services.appraisal.directives.queries import DIRECTIVES
from services.appraisal.directives.scopes import DirectiveScope
from services.chassis.core.text import Text
from services.chassis.runtime.feature import Feature
from services.chassis.subject_access.holdings import Holding

FEATURE = Feature.of_list(
    DIRECTIVES,
    Text("问责影响", "a directive"),
    DirectiveScope.READ,
    Directive,
    held=(Holding("directives", DIRECTIVES),),
    code_lists=(EFFECTS, DIRECTIVE_STATES),
)
