"""Declaration of one kind of operation: its table, states, limits and words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from services.chassis.core.text import Text
from services.chassis.operations.problems import NO_HINT, Problems
from services.chassis.procedures.machine import StateMachine
from services.chassis.queue.stored_problem import TwoProblems

QUEUED = "queued"
COMPLETED, FAILED, CANCELLED = "completed", "failed", "cancelled"
ENDED = (COMPLETED, FAILED, CANCELLED)


class End(NamedTuple):
    """The end of an operation.

    Attributes:
        state: one of `ENDED`.
        problem: why it failed.
        values: columns of its row that the run knows better than the kind does.
    """

    state: str
    problem: TwoProblems | None = None
    values: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class OperationKind:
    """Work that takes long, of one kind.

    Every table of operations has the columns that the engine uses: see migrations c007, c008 and
    c022 of the chassis.

    Attributes:
        name: singular, in English: in problem codes, job kinds and audit entries.
        noun: what people call it.
        table: its rows.
        machine: its states. `queued` waits for a worker; `completed`, `failed` and `cancelled`
            are the ends.
        first: the state in which a run begins.
        longest: how long a run may take.
        most_unfinished: how many one account may have that have not ended.
        waiting: states in which it waits for its caller, not for a worker.
        turn: columns whose values it shares with operations that it takes turns with; none when
            any number runs at the same time.
        at_once: how many run at the same time in all processes; None for any number.
        released: SQL assignments to a row whose run has broken off.
        forgotten: SQL assignments to a row whose files are given up.
        hint: added to the words of the problem when it is given up.
    """

    name: str
    noun: Text
    table: str
    machine: StateMachine
    first: str
    longest: timedelta
    most_unfinished: int
    waiting: tuple[str, ...] = ()
    turn: tuple[str, ...] = ()
    at_once: int | None = None
    released: Mapping[str, str] = field(default_factory=dict)
    forgotten: Mapping[str, str] = field(default_factory=dict)
    hint: Text = NO_HINT

    @cached_property
    def problems(self) -> Problems:
        """Its problems, worded."""
        return Problems.of(self.name, self.noun, self.hint)

    @property
    def run_job(self) -> str:
        """Name of the queue's jobs that carry operations out."""
        return f"{self.name}.run"

    @property
    def clear_job(self) -> str:
        """Name of the periodic job that clears away what is over."""
        return f"{self.name}.clear"

    @property
    def discard_job(self) -> str:
        """Name of the jobs that remove files."""
        return f"{self.name}.discard"

    @cached_property
    def unfinished(self) -> tuple[str, ...]:
        """The states that are no end."""
        return tuple(one.code for one in self.machine.states if one.code not in ENDED)

    @cached_property
    def running(self) -> tuple[str, ...]:
        """The states in which a worker has it."""
        return tuple(one for one in self.unfinished if one not in (QUEUED, *self.waiting))

    @cached_property
    def quiet(self) -> tuple[str, ...]:
        """The states that change only when somebody asks for it."""
        return (*ENDED, *self.waiting)

    def payload(self, operation_id: object) -> dict[str, str]:
        """The payload of a job that carries an operation out."""
        return {self.name: str(operation_id)}


def listed(states: tuple[str, ...]) -> str:
    """States as an SQL list."""
    return ", ".join(f"'{state}'" for state in states)
