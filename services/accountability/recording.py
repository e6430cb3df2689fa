"""What the change log of cases follows."""

from services.accountability.cases.queries import CASES, EVENTS, of_visible_case
from services.chassis.auth import Caller
from services.chassis.recorded import Recorded
from services.chassis.text import Text
from services.chassis.where import Where

_SCOPE = "cases:read"


def counters_visible_to(caller: Caller, where: Where) -> None:
    """Those of the bureau, for whoever works for all of it: they tell of every case, by whom."""
    where.add("bureau_code = {}", caller.bureau_code)
    if caller.level != "bureau":
        where.add("false")


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
    Recorded(
        "case-counters",
        Text("案号计数", "a year's numbers"),
        _SCOPE,
        "case_counter",
        counters_visible_to,
    ),
)
