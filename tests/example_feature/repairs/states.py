"""The procedure of a repair: a school reports it, the bureau finishes or declines it."""

from services.chassis.core.text import Text
from services.chassis.procedures.machine import State, StateMachine, Verb

REPAIR_PROCEDURE = StateMachine(
    name="repairs",
    title=Text("报修", "Repair"),
    table="repair",
    states=(
        State("reported", Text("已报修", "Reported")),
        State("finished", Text("已修复", "Finished"), is_final=True),
        State("declined", Text("不予维修", "Declined"), is_final=True),
    ),
    verbs=(
        Verb("finish", Text("完成", "Finish"), ("reported",), "finished", "repairs:write"),
        Verb("decline", Text("不予维修", "Decline"), ("reported",), "declined", "repairs:write"),
    ),
    state_list="repair-states",
)
