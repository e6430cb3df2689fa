"""The procedure of a cycle: its states, the verbs between them, and what may be written when."""

from services.appraisal.calendar.working_days_sql import working_days
from services.appraisal.cycles.errors import PublicNoticeRunning, PublicNoticeTooShort, ResultsStale
from services.appraisal.cycles.scopes import CycleScope
from services.chassis.core.errors import Conflict
from services.chassis.core.text import Text
from services.chassis.procedures.machine import Guard, State, StateMachine, Verb
from services.chassis.procedures.sql import TODAY

_REQUIRED_DAYS = "({row}.rules ->> 'public_notice_working_days')::integer"
_DAYS = working_days(
    "{row}.bureau_code", "{row}.public_notice_from_on", "{row}.public_notice_to_on"
)

_FRESH = Guard(ResultsStale, "not {row}.is_stale")
_PUBLIC_NOTICE_OVER = Guard(
    PublicNoticeRunning,
    f"{{row}}.public_notice_to_on < {TODAY}",
    {"to_on": "{row}.public_notice_to_on", "today": TODAY},
)
# Days of the public notice may have been made days off since it began.
_PUBLIC_NOTICE_LONG_ENOUGH = Guard(
    PublicNoticeTooShort,
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
        State("determined", Text("已确定档次", "Determined")),
        State("public_notice", Text("公示中", "Public notice")),
        State("confirmed", Text("已确认", "Confirmed"), is_final=True),
    ),
    verbs=(
        Verb("open", Text("启动考核", "Open"), ("draft",), "open", CycleScope.WRITE),
        Verb(
            "start-scoring",
            Text("开始评分", "Start scoring"),
            ("open",),
            "scoring",
            CycleScope.WRITE,
        ),
        Verb(
            "determine",
            Text("确定档次", "Determine"),
            ("scoring", "determined"),
            "determined",
            CycleScope.DETERMINE,
        ),
        Verb(
            "reopen",
            Text("退回评分", "Reopen scoring"),
            ("determined",),
            "scoring",
            CycleScope.WRITE,
        ),
        Verb(
            "publish-notice",
            Text("公示", "Publish notice"),
            ("determined",),
            "public_notice",
            CycleScope.WRITE,
            (_FRESH,),
        ),
        Verb(
            "withdraw",
            Text("撤回公示", "Withdraw"),
            ("public_notice",),
            "determined",
            CycleScope.WRITE,
        ),
        Verb(
            "confirm",
            Text("确认结果", "Confirm"),
            ("public_notice",),
            "confirmed",
            CycleScope.CONFIRM,
            (_FRESH, _PUBLIC_NOTICE_OVER, _PUBLIC_NOTICE_LONG_ENOUGH),
        ),
    ),
    state_list="cycle-states",
)

# Participation records can be written until determination, scores from the start of scoring.
PARTICIPATION_RECORDS_OPEN = frozenset({"open", "scoring"})
SCORES_OPEN = frozenset({"scoring"})


class WritingClosed(Conflict):
    """Participation records or scores cannot be written in this state."""

    code = "appraisal.writing_closed"
    title = Text("当前状态不可录入", "Not open for writing")
    detail = Text(
        "考核处于“{state}”状态；可录入的状态：{open}。",
        "The state of the cycle is {state}; writing is allowed in: {open}.",
    )


def require_open(state: str, open_states: frozenset[str]) -> None:
    """Refuse writing outside `open_states`.

    Raises:
        WritingClosed: the cycle is not in one of them.
    """
    if state not in open_states:
        raise WritingClosed(state=state, open=", ".join(sorted(open_states)))
