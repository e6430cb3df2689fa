"""A respondent's own cases: from the notice on, whatever the person's roles."""

from services.accountability.cases.queries import DIRECTIVE_JSON
from services.accountability.cases.rows import RESPONDENT_ROWS
from services.accountability.cases.transitions import HEARING, IN_FORCE
from services.accountability.own_cases.errors import OwnCaseNotFound
from services.accountability.own_cases.schemas import OwnCaseRead
from services.accountability.own_cases.states import OWN_CASE_PROCEDURE
from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.listing import Listing


def notified(caller: Caller, where: Where) -> None:
    """The cases in which the caller is a respondent and has been notified."""
    RESPONDENT_ROWS.under("r")(caller.as_person(), where)


_DECIDED = f"c.state = any('{{{','.join(sorted(IN_FORCE))}}}')"
_DEFENCES = """
(select coalesce(json_agg(json_build_object('at', e.at, 'statement', e.note) order by e.entry),
    '[]')
from case_event e
where e.case_id = c.id and e.verb = 'defend' and e.details ->> 'staff_no' = r.staff_no)
"""


def _of_notice(name: str) -> str:
    """A proposal is shown as long as it is the one that the respondent is heard about."""
    return f"case when {_DECIDED} or c.state = '{HEARING}' then r.{name} end"


_SOURCE = """
respondent r join case_file c on c.id = r.case_id
left join directive_delivery d on d.case_id = r.case_id and d.staff_no = r.staff_no
"""

OWN_CASES = Listing(
    "own-cases",
    OwnCaseRead,
    " ".join(_SOURCE.split()),
    notified,
    sorts=("notified_at", "case_no", "found_on"),
    sql={
        "id": "r.id",
        "case_no": "c.case_no",
        "school_code": "c.school_code",
        "state": OWN_CASE_PROCEDURE.state_of("r"),
        "measure": _of_notice("measure"),
        "measure_reason": _of_notice("measure_reason"),
        **{name: f"c.{name}" for name in ("basis", "decided_on", "assessment_year", "decision_no")},
        "directive": DIRECTIVE_JSON,
        "defences": _DEFENCES,
    },
    key="r.id",
    missing=OwnCaseNotFound,
    procedure=OWN_CASE_PROCEDURE,
    is_personal=True,
)
