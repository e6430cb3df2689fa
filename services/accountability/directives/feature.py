"""The directives feature: what decisions mean for the appraisal (考核指令)."""

from services.accountability.cases.queries import entries_of_case
from services.accountability.cases.rows import WORKERS
from services.accountability.cases.scopes import CaseScope
from services.accountability.codes import DELIVERY_STATES
from services.accountability.directives.delivery import deliver_directive
from services.accountability.directives.held import DELIVERY_ROWS, DIRECTIVES
from services.accountability.directives.models import DirectiveDelivery
from services.accountability.directives.service import DELIVER
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.queue.jobs import Jobs
from services.chassis.runtime.feature import Feature

_OF_DIRECTIVE = "(select d.case_id from directive_delivery d where d.id = row_id)"

FEATURE = Feature(
    tables=(DirectiveDelivery,),
    row_scopes=(DELIVERY_ROWS,),
    tracked=(
        Recorded(
            "directives",
            Text("考核指令", "a directive"),
            CaseScope.READ,
            "directive_delivery",
            DELIVERY_ROWS.only(*WORKERS),
            entries=entries_of_case(_OF_DIRECTIVE),
        ),
    ),
    held=(DIRECTIVES,),
    jobs=Jobs({DELIVER: deliver_directive}),
    code_lists=(DELIVERY_STATES,),
)
