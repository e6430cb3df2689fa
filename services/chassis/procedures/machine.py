"""State machines, declared once: states, verbs, and the guards of each verb.

From one declaration follow the refusal of a verb (409), the verbs that a caller may use on a row
(`allowed_verbs`), the code list of the states, the problems that a route documents, and the
description of the procedure as JSON and as a diagram.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text
from services.chassis.procedures.errors import TransitionRefused
from services.chassis.schemas.codes import CodeList

# Stands for the row in the SQL of a guard, whatever the query calls it.
ROW = "{row}"
# Codes become SQL literals, parts of addresses and nodes of diagrams.
_CODE = re.compile(r"[a-z][a-z0-9_]*(-[a-z0-9_]+)*")


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

    It concerns the row, the caller and the day, never the payload of the request.

    Attributes:
        problem: refuses the verb; its code and title describe the guard.
        holds: SQL condition on a row, which is called `{row}`. The caller is `CALLER_SUBJECT` and
            `CALLER_STAFF_NO`, the day `TODAY` (see `sql`). Null means that it does not hold.
        params: SQL of the parameters that the problem's text names.
    """

    problem: type[AppError]
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
        table: of the rows.
        states: in the order of the procedure; the first is the initial one.
        verbs: in the order of the procedure.
        state_list: name of the code list of the states.
        state: SQL of the state of a row, which is called `{row}`; its column unless given.

    Raises:
        MachineInvalid: a code cannot be one, is declared twice or unknown, a state cannot be
            reached, or a final state has a way out.
    """

    name: str
    title: Text
    table: str
    states: Sequence[State]
    verbs: Sequence[Verb]
    state_list: str
    state: str = f"{ROW}.state"

    def __post_init__(self) -> None:
        codes = [state.code for state in self.states]
        for code in (*codes, *(verb.name for verb in self.verbs)):
            if not _CODE.fullmatch(code):
                raise MachineInvalid(f"{self.name}: {code!r} is no code")
        if len({*codes}) < len(codes):
            raise MachineInvalid(f"{self.name}: a state is declared twice")
        if len(self.by_name) < len(self.verbs):
            raise MachineInvalid(f"{self.name}: a verb is declared twice")
        named = {code for verb in self.verbs for code in (*verb.sources, verb.target)}
        if unknown := named - {*codes}:
            raise MachineInvalid(f"{self.name}: unknown states {sorted(unknown)}")
        if lost := {*codes} - self._reachable():
            raise MachineInvalid(f"{self.name}: nothing leads to {sorted(lost)}")
        for state in self.states:
            if state.is_final == bool(self.verbs_from(state.code)):
                raise MachineInvalid(f"{self.name}: {state.code} is final or has a way out")

    def _reachable(self) -> set[str]:
        """The states that a new row can get into."""
        reached, fresh = {self.initial}, [self.initial]
        while fresh:
            for verb in self.verbs_from(fresh.pop()):
                if verb.target not in reached:
                    reached.add(verb.target)
                    fresh.append(verb.target)
        return reached

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
        title = Text(f"{self.title.zh}状态", f"{self.title.en} state")
        return CodeList(self.state_list, title, {one.code: one.label for one in self.states})

    def label_of(self, state: str) -> Text:
        """The label of a state."""
        return self.code_list.labels[state]

    def state_of(self, row: str) -> str:
        """The SQL of the state of a row.

        Args:
            row: its name in the query.
        """
        return self.state.replace(ROW, row)

    def verbs_from(self, state: str) -> list[Verb]:
        """The verbs that may start from a state, in the order of the procedure."""
        return [verb for verb in self.verbs if state in verb.sources]

    def problems(self, verb: str) -> tuple[type[AppError], ...]:
        """The problems that refuse a verb: that of the state, then those of its guards."""
        return TransitionRefused, *(guard.problem for guard in self.by_name[verb].guards)
