"""State machines, declared once: states, verbs, and the guards of each verb.

From one declaration follow the refusal of a verb (409), the verbs that a caller may use on a row
(`allowed_verbs`), the code list of the states, and the description of the procedure as JSON and as
a diagram.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from services.chassis.core.errors import Conflict
from services.chassis.core.text import Text
from services.chassis.schemas.codes import CodeList


@dataclass(frozen=True)
class State:
    """A state of a procedure.

    Attributes:
        code: as stored and sent.
        label: as people call it.
        is_final: whether nothing leads out of it.
    """

    code: str
    label: Text
    is_final: bool = False


@dataclass(frozen=True)
class Guard:
    """A condition of a verb beyond the state, written once as SQL.

    Attributes:
        problem: refuses the verb; its code and title describe the guard.
        holds: SQL condition on a row of the procedure's table, under its own name. The caller is
            `caller_subject()` and so on (see `sql`).
        params: SQL of the parameters that the problem's text names.
    """

    problem: type[Conflict]
    holds: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verb:
    """A step of a procedure: `POST …:{name}`.

    Attributes:
        name: in the address.
        label: as people call it.
        sources: states that it may start from.
        target: state that it leads to.
        scope: that a caller needs; None for a step that the platform takes by itself.
        guards: conditions beyond the state, checked in this order.
    """

    name: str
    label: Text
    sources: Sequence[str]
    target: str
    scope: str | None
    guards: Sequence[Guard] = ()


class MachineInvalid(ValueError):
    """The declaration of a state machine contradicts itself."""


@dataclass(frozen=True)
class StateMachine:
    """The states of one kind of row, and the verbs between them.

    Attributes:
        name: in the address `/v1/procedures/{name}`.
        title: what goes through the states.
        table: whose column `state` it is.
        states: in the order of the procedure; the first is the initial one.
        verbs: in the order of the procedure.
        state_list: name of the code list of the states.

    Raises:
        MachineInvalid: a verb names an unknown state, a state cannot be reached, or a final state
            has a way out.
    """

    name: str
    title: Text
    table: str
    states: Sequence[State]
    verbs: Sequence[Verb]
    state_list: str

    def __post_init__(self) -> None:
        known = {state.code for state in self.states}
        named = {code for verb in self.verbs for code in (*verb.sources, verb.target)}
        if unknown := named - known:
            raise MachineInvalid(f"{self.name}: unknown states {sorted(unknown)}")
        if len(self.by_name) < len(self.verbs):
            raise MachineInvalid(f"{self.name}: a verb is declared twice")
        reached = {self.initial} | {verb.target for verb in self.verbs}
        if lost := known - reached:
            raise MachineInvalid(f"{self.name}: no verb leads to {sorted(lost)}")
        for state in self.states:
            leaves = any(state.code in verb.sources for verb in self.verbs)
            if state.is_final == leaves:
                raise MachineInvalid(f"{self.name}: {state.code} is final or has a way out")

    @property
    def initial(self) -> str:
        """The state that a new row has."""
        return self.states[0].code

    @cached_property
    def by_name(self) -> dict[str, Verb]:
        """The verbs by their names."""
        return {verb.name: verb for verb in self.verbs}

    @cached_property
    def code_list(self) -> CodeList:
        """The states as a code list."""
        title = Text(f"{self.title.zh}状态", f"State: {self.title.en.lower()}")
        return CodeList(self.state_list, title, {one.code: one.label for one in self.states})

    def label_of(self, state: str) -> Text:
        """The label of a state."""
        return self.code_list.labels[state]

    def verbs_from(self, state: str) -> list[Verb]:
        """The verbs that may start from a state, in the order of the procedure."""
        return [verb for verb in self.verbs if state in verb.sources]
