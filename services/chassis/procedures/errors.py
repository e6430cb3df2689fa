"""The refusal of a verb, in every procedure."""

from typing import TYPE_CHECKING, Any

from services.chassis.core.errors import Conflict, Fault
from services.chassis.core.text import Text

if TYPE_CHECKING:
    from services.chassis.procedures.machine import StateMachine

_NONE = Text("无", "none")


def refusal_params(
    machine: "StateMachine", state: str, verb: str, allowed: list[str]
) -> dict[str, Any]:
    """Parameters of every refusal of a verb: the state of the row and the allowed verbs."""
    return {"procedure": machine.name, "state": state, "verb": verb, "allowed": allowed}


class TransitionRefused(Conflict):
    """The state does not allow the verb; the problem names those that the caller may use."""

    code = "procedure.transition_refused"
    title = Text("当前状态不能执行此操作", "Not possible in this state")
    detail = Text(
        "当前状态为“{state_zh}”（{state}），不能执行 {verb}；可执行：{allowed_zh}。",
        "The state is {state} ({state_en}), which does not allow {verb}. Allowed: {allowed_en}.",
    )

    @classmethod
    def of(
        cls, machine: "StateMachine", state: str, verb: str, allowed: list[str]
    ) -> "TransitionRefused":
        """The refusal of `verb` in `state`.

        Args:
            machine: the procedure.
            state: the row's state.
            verb: that was asked for.
            allowed: names of the verbs that the caller may use instead.
        """
        label, named = machine.label_of(state), [machine.by_name[name] for name in allowed]
        params = refusal_params(machine, state, verb, allowed)
        return cls(
            faults=[Fault("", cls.code, cls.title, params)],
            state=state,
            state_zh=label.zh,
            state_en=label.en,
            verb=verb,
            allowed_zh="、".join(f"{one.label.zh}（{one.name}）" for one in named) or _NONE.zh,
            allowed_en=", ".join(one.name for one in named) or _NONE.en,
        )
