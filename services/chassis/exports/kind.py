"""Exports as a kind of operation: states, limits, words."""

from datetime import timedelta
from enum import StrEnum

from services.chassis.core.scopes import PlatformScope
from services.chassis.core.text import Text
from services.chassis.operations.kind import OperationKind
from services.chassis.procedures.machine import State, StateMachine, Verb

# Everybody who has a token; an export demands the scope of its list besides.
SCOPE = PlatformScope.CODES_READ


class ExportState(StrEnum):
    """State of an export (导出状态)."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


EXPORT_MACHINE = StateMachine(
    name="exports",
    title=Text("导出", "Export"),
    table="export_job",
    states=(
        State("queued", Text("排队中", "Queued")),
        State("running", Text("导出中", "Running")),
        State("completed", Text("已完成", "Completed"), is_final=True),
        State("failed", Text("失败", "Failed"), is_final=True),
        State("cancelled", Text("已取消", "Cancelled"), is_final=True),
    ),
    verbs=(
        Verb("start", Text("开始", "Start"), ["queued"], "running", None),
        Verb("retry", Text("等待重试", "Wait for another attempt"), ["running"], "queued", None),
        Verb("complete", Text("完成", "Complete"), ["running"], "completed", None),
        Verb("fail", Text("失败", "Fail"), ["queued", "running"], "failed", None),
        Verb("cancel", Text("取消", "Cancel"), ["queued", "running"], "cancelled", SCOPE),
    ),
    state_list="export-states",
)

EXPORTS = OperationKind(
    name="export",
    noun=Text("导出", "export"),
    table="export_job",
    machine=EXPORT_MACHINE,
    first=ExportState.RUNNING,
    longest=timedelta(hours=2),
    # Each leaves a file behind.
    most_unfinished=20,
    # Each holds a connection of the pool and keeps PostgreSQL busy; one that waits costs nothing.
    at_once=3,
    released={"state": "'queued'", "bytes": "0"},
    # With its file an export gives up the key of its request, which may be used anew.
    forgotten={"idempotency_key": "null"},
)
