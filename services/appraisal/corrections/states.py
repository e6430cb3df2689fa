"""The procedure of a correction: the bureau's leaders make it or dismiss it."""

from services.appraisal.corrections.errors import OwnCorrection
from services.appraisal.corrections.scopes import CorrectionScope
from services.chassis.core.text import Text
from services.chassis.procedures.machine import Guard, State, StateMachine, Verb
from services.chassis.procedures.sql import CALLER_STAFF_NO

_OF_ANOTHER = Guard(OwnCorrection, f"{{row}}.staff_no is distinct from {CALLER_STAFF_NO}")

CORRECTION_PROCEDURE = StateMachine(
    name="corrections",
    title=Text("更正", "Correction"),
    table="correction",
    states=(
        State("open", Text("待决定", "Open")),
        State("applied", Text("已更正", "Applied"), is_final=True),
        State("dismissed", Text("不予更正", "Dismissed"), is_final=True),
    ),
    verbs=(
        Verb(
            "apply",
            Text("同意更正", "Apply"),
            ("open",),
            "applied",
            CorrectionScope.DECIDE,
            (_OF_ANOTHER,),
        ),
        Verb(
            "dismiss",
            Text("不予更正", "Dismiss"),
            ("open",),
            "dismissed",
            CorrectionScope.DECIDE,
            (_OF_ANOTHER,),
        ),
    ),
    state_list="correction-states",
)
