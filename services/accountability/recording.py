"""What the change log of cases follows."""

from services.accountability.cases.queries import (
    CASES,
    EVENTS,
    entries_of_case,
    of_visible_case,
)
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text

_SCOPE = "cases:read"
_OF_ITS_KEY = "split_part(natural_key, '/', 1)::uuid"
_OF_DIRECTIVE = "(select d.case_id from directive_delivery d where d.id = row_id)"


RECORDED = (
    Recorded.listed(CASES, Text("案件", "a case"), _SCOPE, entries_of_case("row_id")),
    Recorded.listed(
        EVENTS, Text("办理记录", "an entry of a case"), _SCOPE, entries_of_case(_OF_ITS_KEY)
    ),
    Recorded(
        "respondents",
        Text("责任人", "a respondent"),
        _SCOPE,
        "respondent",
        of_visible_case,
        entries=entries_of_case(_OF_ITS_KEY),
    ),
    Recorded(
        "directives",
        Text("考核指令", "a directive"),
        _SCOPE,
        "directive_delivery",
        of_visible_case,
        entries=entries_of_case(_OF_DIRECTIVE),
    ),
)
