"""States of a cycle, and the verbs that change them."""

from services.chassis.core.errors import Conflict
from services.chassis.core.text import Text

# verb: (states it may start from, state it leads to)
VERBS: dict[str, tuple[frozenset[str], str]] = {
    "open": (frozenset({"draft"}), "open"),
    "start-scoring": (frozenset({"open"}), "scoring"),
    "determine": (frozenset({"scoring", "determined"}), "determined"),
    "reopen": (frozenset({"determined"}), "scoring"),
    "publicise": (frozenset({"determined"}), "publicised"),
    "withdraw": (frozenset({"publicised"}), "determined"),
    "confirm": (frozenset({"publicised"}), "confirmed"),
}

# Facts can be written until determination, scores from the start of scoring.
FACTS_OPEN = frozenset({"open", "scoring"})
SCORES_OPEN = frozenset({"scoring"})


class TransitionRefused(Conflict):
    """The state does not allow the verb."""

    code = "appraisal.transition_refused"
    title = Text("当前状态不允许此操作", "Not allowed in this state")
    detail = Text(
        "考核处于“{state}”状态，现在可以：{allowed}。",
        "The cycle is {state}; what can be done now: {allowed}.",
    )


class WritingClosed(Conflict):
    """Facts or scores cannot be written in this state."""

    code = "appraisal.writing_closed"
    title = Text("当前状态不可录入", "Not open for writing")
    detail = Text(
        "考核处于“{state}”状态；可录入的状态：{open}。",
        "The cycle is {state}; writing is allowed while it is {open}.",
    )


def allowed_verbs(state: str) -> list[str]:
    """The verbs that `state` allows."""
    return [verb for verb, (sources, _) in VERBS.items() if state in sources]


def next_state(state: str, verb: str) -> str:
    """The state after `verb` in `state`.

    Raises:
        TransitionRefused: it may not be used there.
    """
    sources, target = VERBS[verb]
    if state not in sources:
        raise TransitionRefused(state=state, allowed=", ".join(allowed_verbs(state)) or "—")
    return target


def require_open(state: str, open_states: frozenset[str]) -> None:
    """Refuse writing outside `open_states`.

    Raises:
        WritingClosed: the cycle is not in one of them.
    """
    if state not in open_states:
        raise WritingClosed(state=state, open=", ".join(sorted(open_states)))
