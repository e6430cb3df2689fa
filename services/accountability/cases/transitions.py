"""The states of a case and the verbs between them, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Transition:
    """States in which a verb is allowed, and the state after it."""

    sources: frozenset[str]
    target: str


def _from(*sources: str, to: str) -> Transition:
    return Transition(frozenset(sources), to)


TRANSITIONS = {
    "file": _from("lead", to="filed"),
    "reject": _from("lead", "filed", "proposed", to="rejected"),
    "propose": _from("filed", "returned", to="proposed"),
    "review": _from("proposed", to="under_review"),
    "return": _from("under_review", to="returned"),
    "notify": _from("under_review", to="under_review"),
    "decide": _from("under_review", to="decided"),
    "execute": _from("decided", to="executed"),
    "close": _from("executed", to="closed"),
}

FIRST_STATE = "lead"
# While a case is in one of these, its texts may be corrected.
TEXTS_OPEN = frozenset({"lead", "filed"})
# While a case is in one of these, respondents may be named or taken off.
RESPONDENTS_OPEN = frozenset({"lead", "filed", "returned"})
# In this one respondents who have been notified are heard.
HEARING = "under_review"
# From the decision on, measures are in force.
IN_FORCE = frozenset({"decided", "executed", "closed"})


def allowed_verbs(state: str) -> list[str]:
    """The verbs that a case in `state` can take, in the order of the procedure."""
    return [verb for verb, transition in TRANSITIONS.items() if state in transition.sources]
