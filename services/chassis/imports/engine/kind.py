"""Imports as a kind of operation: states, limits, words."""

from datetime import timedelta
from enum import StrEnum

from services.chassis.core.errors import Conflict
from services.chassis.core.scopes import PlatformScope
from services.chassis.core.text import Text
from services.chassis.imports.engine.ownership import NotYours
from services.chassis.operations.kind import OperationKind
from services.chassis.procedures.machine import ROW, Guard, State, StateMachine, Verb
from services.chassis.procedures.sql import CALLER_SUBJECT

SCOPE = PlatformScope.IMPORTS_WRITE
_CARRIED_OUT = ["validating", "loading"]


class ImportState(StrEnum):
    """State of an import (导入状态)."""

    OPEN = "open"
    QUEUED = "queued"
    VALIDATING = "validating"
    LOADING = "loading"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class NotCommittable(Conflict):
    """Only the opener's completed dry run can be applied, and only until its file expires."""

    code = "import.not_committable"
    title = Text("不能提交", "Cannot be committed")
    detail = Text(
        "只有已完成且未过期的试运行才能提交；该导入的状态为 {state}。",
        "Only a completed dry run that has not expired can be committed; this one is {state}.",
    )


_OWN = Guard(NotYours, f"{ROW}.subject = {CALLER_SUBJECT}", {"created_by": f"{ROW}.created_by"})
_COMMITTABLE = Guard(
    NotCommittable, f"{ROW}.dry_run and not {ROW}.is_expired", {"state": f"{ROW}.state"}
)
IMPORT_MACHINE = StateMachine(
    name="imports",
    title=Text("导入", "Import"),
    table="import_job",
    states=(
        State("open", Text("等待文件", "Waiting for its file")),
        State("queued", Text("排队中", "Queued")),
        State("validating", Text("校验中", "Validating")),
        State("loading", Text("写入中", "Loading")),
        State("completed", Text("已完成", "Completed")),
        State("failed", Text("失败", "Failed"), is_final=True),
        State("cancelled", Text("已取消", "Cancelled"), is_final=True),
    ),
    verbs=(
        Verb("receive", Text("收齐文件", "Receive the file"), ["open"], "queued", None),
        Verb("start", Text("开始校验", "Start"), ["queued"], "validating", None),
        Verb("load", Text("开始写入", "Load"), ["validating"], "loading", None),
        Verb("complete", Text("完成", "Complete"), _CARRIED_OUT, "completed", None),
        Verb("fail", Text("失败", "Fail"), ["queued", *_CARRIED_OUT], "failed", None),
        Verb(
            "cancel", Text("取消", "Cancel"), ["open", "queued", *_CARRIED_OUT], "cancelled", SCOPE
        ),
        Verb(
            "commit",
            Text("提交试运行", "Apply a dry run"),
            ["completed"],
            "queued",
            SCOPE,
            [_OWN, _COMMITTABLE],
        ),
    ),
    state_list="import-states",
)

IMPORTS = OperationKind(
    name="import",
    noun=Text("导入", "import"),
    table="import_job",
    machine=IMPORT_MACHINE,
    first=ImportState.VALIDATING,
    longest=timedelta(hours=12),
    # Each may hold a whole file on the server's disk.
    most_unfinished=100,
    waiting=(ImportState.OPEN,),
    turn=("bureau_code", "resource"),
    forgotten={"faults_listed": "0"},
    hint=Text("已导入的行数见 progress。", " `progress` shows what has been stored."),
)
