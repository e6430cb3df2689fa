"""The procedure of a reported ID number: the bureau accepts it, or dismisses it."""

from services.chassis.core.text import Text
from services.chassis.procedures.machine import Guard, State, StateMachine, Verb
from services.schools.id_number_reports.errors import IdNumberHeld
from services.schools.staff.errors import StaffRestricted
from services.schools.staff.scopes import StaffScope

OPEN, ACCEPTED, DISMISSED = "open", "accepted", "dismissed"
# State for a number that equals the recorded one. Such a row contains no number and is visible to
# nobody; it makes a write cost the same whether the number is recorded or not.
RECORDED = "recorded"

# The other person under whom the number is recorded now; under row security.
HOLDER = (
    "(select h.staff_no from staff h where h.bureau_code = {row}.bureau_code "
    "and h.id_number_index = {row}.id_number_index and h.id <> {row}.staff_id)"
)
_RESTRICTED = "(select s.restricted_at from staff s where s.id = {row}.staff_id)"

_UNRESTRICTED = Guard(StaffRestricted, f"{_RESTRICTED} is null", {"staff_no": "{row}.staff_no"})
_HELD_BY_NOBODY = Guard(IdNumberHeld, f"{HOLDER} is null", {"holder": HOLDER})

REPORT_PROCEDURE = StateMachine(
    name="id-number-reports",
    title=Text("身份证号报送", "Reported ID number"),
    table="id_number_report",
    states=(
        State(OPEN, Text("待核对", "Open")),
        State(ACCEPTED, Text("已采纳", "Accepted"), is_final=True),
        State(DISMISSED, Text("未采纳", "Dismissed")),
    ),
    verbs=(
        # A dismissal can be reconsidered.
        Verb(
            "accept",
            Text("采纳", "Accept"),
            (OPEN, DISMISSED),
            ACCEPTED,
            StaffScope.PII,
            (_UNRESTRICTED, _HELD_BY_NOBODY),
        ),
        Verb("dismiss", Text("不采纳", "Dismiss"), (OPEN,), DISMISSED, StaffScope.PII),
    ),
    state_list="id-number-report-states",
)
