"""The procedure of an own case: that of the case, without the steps between notice and decision.

A respondent does not see these steps: until the decision the own case is `notified`.
"""

from collections.abc import Iterator

from services.accountability.cases.transitions import CASE_PROCEDURE, HEARING, IN_FORCE
from services.accountability.own_cases.errors import DefenceClosed, TooManyDefences
from services.accountability.own_cases.scopes import OwnCaseScope
from services.chassis.core.text import Text
from services.chassis.procedures.machine import Guard, State, StateMachine, Verb

# Each gives the case a new version, so that nobody decides without having read it.
MOST_DEFENCES = 20

_NOTIFIED = "notified"
_SHOWN = [state for state in CASE_PROCEDURE.states if state.code in {*IN_FORCE, "rejected"}]
_CODES = [state.code for state in _SHOWN]

_CASE_STATE = "(select c.state from case_file c where c.id = {row}.case_id)"
_DEFENCES = (
    "(select count(*) from case_event e where e.case_id = {row}.case_id and e.verb = 'defend' "
    "and e.details ->> 'staff_no' = {row}.staff_no)"
)
_IS_HEARD = Guard(DefenceClosed, f"{_CASE_STATE} = '{HEARING}'")
_MAY_ADD = Guard(
    TooManyDefences, f"{_DEFENCES} < {MOST_DEFENCES}", {"limit": f"{MOST_DEFENCES}::integer"}
)


def _shown(state: str) -> str:
    """The state of a case as its respondent sees it."""
    return state if state in _CODES else _NOTIFIED


def _steps_of_case() -> Iterator[Verb]:
    """The verbs of the case that change the state that its respondent sees."""
    for verb in CASE_PROCEDURE.verbs:
        sources = tuple(dict.fromkeys(map(_shown, verb.sources)))
        if _shown(verb.target) not in sources:
            yield Verb(verb.name, verb.label, sources, _shown(verb.target), scope=None)


OWN_CASE_PROCEDURE = StateMachine(
    name="own-cases",
    title=Text("本人案件", "Own case"),
    table="respondent",
    states=(State(_NOTIFIED, Text("已告知", "Notified")), *_SHOWN),
    verbs=(
        Verb(
            "defend",
            Text("陈述申辩", "Submit a defence"),
            (_NOTIFIED,),
            _NOTIFIED,
            OwnCaseScope.WRITE,
            (_IS_HEARD, _MAY_ADD),
        ),
        *_steps_of_case(),
    ),
    state_list="own-case-states",
    state=f"(select case when c.state = any('{{{','.join(_CODES)}}}') then c.state "
    f"else '{_NOTIFIED}' end from case_file c where c.id = {{row}}.case_id)",
)
