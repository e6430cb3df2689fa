"""What the change log of cases follows."""

from services.accountability.cases.queries import CASES, EVENTS, of_visible_case
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.lists.row_scopes import whole_bureau

_SCOPE = "cases:read"


RECORDED = (
    Recorded.listed(CASES, Text("案件", "a case"), _SCOPE),
    Recorded.listed(EVENTS, Text("办理记录", "an entry of a case"), _SCOPE),
    Recorded("respondents", Text("责任人", "a respondent"), _SCOPE, "respondent", of_visible_case),
    Recorded(
        "directives",
        Text("考核指令", "a directive"),
        _SCOPE,
        "directive_delivery",
        of_visible_case,
    ),
    # They tell of every case of the bureau, when and by whom.
    Recorded(
        "case-counters",
        Text("案号计数", "a year's numbers"),
        _SCOPE,
        "case_counter",
        whole_bureau(),
    ),
)
