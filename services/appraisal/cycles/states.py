"""The procedure of a cycle: its states, the verbs between them, and what may be written when."""

from services.appraisal.calendar.working_days_sql import working_days
from services.appraisal.cycles.errors import PublicityRunning, PublicityTooShort, ResultsStale
from services.chassis.core.errors import Conflict
from services.chassis.core.text import Text
from services.chassis.procedures.machine import Guard, State, StateMachine, Verb
from services.chassis.procedures.sql import TODAY

_REQUIRED_DAYS = "({row}.rules ->> 'publicity_working_days')::integer"
_DAYS = working_days("{row}.bureau_code", "{row}.publicity_from", "{row}.publicity_to")

_FRESH = Guard(ResultsStale, "not {row}.is_stale")
_PUBLICITY_OVER = Guard(
    PublicityRunning,
    f"{{row}}.publicity_to < {TODAY}",
    {"to_on": "{row}.publicity_to", "today": TODAY},
)
# Days of the publicity may have been made days off since it began.
_PUBLICITY_LONG_ENOUGH = Guard(
    PublicityTooShort,
    f"{_DAYS} >= {_REQUIRED_DAYS}",
    {"days": _DAYS, "required": _REQUIRED_DAYS},
)

CYCLE_PROCEDURE = StateMachine(
    name="cycles",
    title=Text("考核年度", "Cycle"),
    table="cycle",
    states=(
        State("draft", Text("筹备", "Draft")),
        State("open", Text("已启动", "Open")),
        State("scoring", Text("评分中", "Scoring")),
        State("determined", Text("已定等", "Determined")),
        State("publicised", Text("公示中", "Publicised")),
        State("confirmed", Text("已确认", "Confirmed"), is_final=True),
    ),
    verbs=(
        Verb("open", Text("启动考核", "Open"), ("draft",), "open", "cycles:write"),
        Verb(
            "start-scoring", Text("开始评分", "Start scoring"), ("open",), "scoring", "cycles:write"
        ),
        Verb(
            "determine",
            Text("定等", "Determine"),
            ("scoring", "determined"),
            "determined",
            "results:determine",
        ),
        Verb(
            "reopen", Text("退回评分", "Reopen scoring"), ("determined",), "scoring", "cycles:write"
        ),
        Verb(
            "publicise",
            Text("公示", "Publicise"),
            ("determined",),
            "publicised",
            "cycles:write",
            (_FRESH,),
        ),
        Verb(
            "withdraw",
            Text("撤回公示", "Withdraw"),
            ("publicised",),
            "determined",
            "cycles:write",
        ),
        Verb(
            "confirm",
            Text("确认结果", "Confirm"),
            ("publicised",),
            "confirmed",
            "cycles:confirm",
            (_FRESH, _PUBLICITY_OVER, _PUBLICITY_LONG_ENOUGH),
        ),
    ),
    state_list="cycle-states",
)

# Facts can be written until determination, scores from the start of scoring.
FACTS_OPEN = frozenset({"open", "scoring"})
SCORES_OPEN = frozenset({"scoring"})


class WritingClosed(Conflict):
    """Facts or scores cannot be written in this state."""

    code = "appraisal.writing_closed"
    title = Text("当前状态不可录入", "Not open for writing")
    detail = Text(
        "考核处于“{state}”状态；可录入的状态：{open}。",
        "The cycle is {state}; writing is allowed while it is {open}.",
    )


def require_open(state: str, open_states: frozenset[str]) -> None:
    """Refuse writing outside `open_states`.

    Raises:
        WritingClosed: the cycle is not in one of them.
    """
    if state not in open_states:
        raise WritingClosed(state=state, open=", ".join(sorted(open_states)))
