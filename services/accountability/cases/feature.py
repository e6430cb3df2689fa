"""The cases feature (问责案件)."""

from services.accountability.cases.held import RESPONDENTS
from services.accountability.cases.history_router import router as history
from services.accountability.cases.importing import LEAD_IMPORT
from services.accountability.cases.models import Case, CaseCounter, CaseEvent, CaseText, Respondent
from services.accountability.cases.queries import (
    CASES,
    EVENTS,
    TEXT_VERSIONS,
    entries_of_case,
    require_case,
    require_not_named,
)
from services.accountability.cases.router import router
from services.accountability.cases.rows import (
    CASE_ROWS,
    COUNTER_ROWS,
    EVENT_ROWS,
    RESPONDENT_ROWS,
    TEXT_ROWS,
    WORKERS,
)
from services.accountability.cases.scopes import CaseScope
from services.accountability.cases.transitions import CASE_PROCEDURE
from services.accountability.codes import MEASURES, RESPONSIBILITIES, SOURCES, TRIGGERS
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.exports.spec import Exportable
from services.chassis.runtime.feature import Feature

_SCOPE = CaseScope.READ
_OF_ITS_KEY = "split_part(natural_key, '/', 1)::uuid"

FEATURE = Feature(
    routers=(router, history),
    tables=(Case, Respondent, CaseEvent, CaseText, CaseCounter),
    row_scopes=(
        CASE_ROWS,
        RESPONDENT_ROWS,
        EVENT_ROWS,
        TEXT_ROWS,
        COUNTER_ROWS,
    ),
    exports=(
        Exportable(CASES, _SCOPE),
        Exportable(EVENTS, _SCOPE, {"case_id": "case_id"}, require_case),
        Exportable(TEXT_VERSIONS, _SCOPE, {"case_id": "case_id"}, require_case),
    ),
    imports=(LEAD_IMPORT,),
    tracked=(
        Recorded.listed(CASES, Text("案件", "a case"), _SCOPE, entries_of_case("row_id")),
        Recorded.listed(
            EVENTS, Text("办理记录", "an entry of a case"), _SCOPE, entries_of_case(_OF_ITS_KEY)
        ),
        Recorded(
            "respondents",
            Text("责任人", "a respondent"),
            _SCOPE,
            "respondent",
            RESPONDENT_ROWS.only(*WORKERS),
            entries=entries_of_case(_OF_ITS_KEY),
        ),
    ),
    held=(RESPONDENTS,),
    code_lists=(TRIGGERS, MEASURES, SOURCES, RESPONSIBILITIES),
    procedures=(CASE_PROCEDURE,),
    replay_guards=(require_not_named,),
)
