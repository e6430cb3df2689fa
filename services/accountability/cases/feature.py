"""The cases feature (问责案件)."""

from services.accountability.cases.held import RESPONDENTS
from services.accountability.cases.importing import LEAD_IMPORT
from services.accountability.cases.models import Case, CaseCounter, CaseEvent, Respondent
from services.accountability.cases.procedure_router import router as procedure
from services.accountability.cases.queries import CASES, EVENTS, of_visible_case, require_case
from services.accountability.cases.router import router
from services.accountability.codes import CASE_STATES, MEASURES, RESPONSIBILITIES, SOURCES, TRIGGERS
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.exports.spec import Exportable
from services.chassis.lists.row_scopes import whole_bureau
from services.chassis.runtime.feature import Feature

_SCOPE = "cases:read"

FEATURE = Feature(
    routers=(router, procedure),
    tables=(Case, Respondent, CaseEvent, CaseCounter),
    exports=(
        Exportable(CASES, _SCOPE),
        Exportable(EVENTS, _SCOPE, {"case_id": "case_id"}, require_case),
    ),
    imports=(LEAD_IMPORT,),
    tracked=(
        Recorded.listed(CASES, Text("案件", "a case"), _SCOPE),
        Recorded.listed(EVENTS, Text("办理记录", "an entry of a case"), _SCOPE),
        Recorded(
            "respondents", Text("责任人", "a respondent"), _SCOPE, "respondent", of_visible_case
        ),
        # They show that there are cases, when and by whom.
        Recorded(
            "case-counters",
            Text("案号计数", "a year's numbers"),
            _SCOPE,
            "case_counter",
            whole_bureau(),
        ),
    ),
    held=(RESPONDENTS,),
    code_lists=(TRIGGERS, MEASURES, SOURCES, RESPONSIBILITIES, CASE_STATES),
)
