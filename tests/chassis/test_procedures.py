"""Declarations of state machines: which are refused, what is drawn, what random verbs reach."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accountability import features as accountability
from services.appraisal import features as appraisal
from services.chassis.core.errors import Conflict
from services.chassis.core.text import Text
from services.chassis.procedures.diagram import mermaid
from services.chassis.procedures.errors import TransitionRefused
from services.chassis.procedures.machine import Guard, MachineInvalid, State, StateMachine, Verb
from services.chassis.procedures.sql import allowed_verbs
from services.schools import features as schools

MACHINES = [
    machine
    for service in (schools.SERVICE, appraisal.SERVICE, accountability.SERVICE)
    for machine in service.procedures
]


class TooEarly(Conflict):
    """The parcel is not ready."""

    code = "test.too_early"
    title = Text("尚未备妥", "Not ready")


def text(word: str) -> Text:
    """A label."""
    return Text(f"中{word}", word)


PARCEL = StateMachine(
    name="parcels",
    title=Text("包裹", "Parcel"),
    table="parcel",
    states=(
        State("packed", text("Packed")),
        State("sent", text("Sent: on its way; soon")),
        State("lost", text("Lost"), is_final=True),
    ),
    verbs=(
        Verb("send", text("Send"), ("packed",), "sent", "parcels:write",
             (Guard(TooEarly, "{row}.is_ready"),)),
        Verb("remind", text("Remind"), ("sent",), "sent", "parcels:write"),
        Verb("lose", text("Lose"), ("packed", "sent"), "lost", None),
    ),
    state_list="parcel-states",
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verbs": (*PARCEL.verbs, Verb("x", text("x"), ("gone",), "sent", None))}, "unknown"),
        ({"verbs": (*PARCEL.verbs, PARCEL.verbs[0])}, "a verb is declared twice"),
        ({"verbs": (*PARCEL.verbs, replace(PARCEL.verbs[0], name="it's"))}, "no code"),
        ({"states": (*PARCEL.states, PARCEL.states[0])}, "a state is declared twice"),
        ({"states": (*PARCEL.states, State("a b", text("x"), is_final=True))}, "no code"),
        ({"states": (*PARCEL.states, State("far", text("x"), is_final=True))}, "leads to"),
        ({"states": (*PARCEL.states[:2], State("lost", text("x")))}, "final or has a way out"),
        ({"states": (State("packed", text("x"), is_final=True), *PARCEL.states[1:])}, "way out"),
        (
            # Two states that lead to each other, and nothing to either.
            {
                "states": (*PARCEL.states, State("a", text("a")), State("b", text("b"))),
                "verbs": (
                    *PARCEL.verbs,
                    Verb("there", text("x"), ("a",), "b", None),
                    Verb("back", text("x"), ("b",), "a", None),
                ),
            },
            "nothing leads to",
        ),
    ],
)
def test_a_machine_that_contradicts_itself_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(MachineInvalid, match=message):
        replace(PARCEL, **changes)


def test_a_diagram_in_both_languages() -> None:
    assert mermaid(PARCEL, "en") == (
        "stateDiagram-v2\n"
        "    direction LR\n"
        "    packed : Packed\n"
        "    sent : Sent - on its way, soon\n"
        "    lost : Lost\n"
        "    [*] --> packed\n"
        "    packed --> sent : Send\n"
        "    sent --> sent : Remind\n"
        "    packed --> lost : Lose\n"
        "    sent --> lost : Lose\n"
        "    lost --> [*]\n"
    )
    chinese = mermaid(PARCEL, "zh-CN")
    assert "    packed : 中Packed\n" in chinese
    assert "    packed --> sent : 中Send\n" in chinese


def test_states_are_a_code_list_and_problems_are_those_of_the_guards() -> None:
    assert [*PARCEL.code_list.labels] == ["packed", "sent", "lost"]
    assert PARCEL.code_list.title == Text("包裹状态", "Parcel state")
    assert PARCEL.problems("send") == (TransitionRefused, TooEarly)
    assert PARCEL.problems("lose") == (TransitionRefused,)


def test_steps_of_the_platform_are_nobodys_verbs() -> None:
    sql = allowed_verbs(PARCEL, "p")
    assert "'lose'" not in sql
    assert "(p.is_ready)" in sql


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
@given(data=st.data())
def test_any_sequence_of_verbs_stays_within_the_states(machine: StateMachine, data: Any) -> None:
    state = machine.initial
    for verb in data.draw(st.lists(st.sampled_from(machine.verbs), max_size=30)):
        state = verb.target if state in verb.sources else state
        assert state in machine.code_list.labels
        assert bool(machine.verbs_from(state)) != next(
            one.is_final for one in machine.states if one.code == state
        )
