"""What an import came to, in words and as an exit code."""

from enum import IntEnum

from client import exits
from client.imports.job import ImportJob
from client.text import Text


class Outcome(IntEnum):
    """How many of the rows are stored, or of a dry run would be; the values are exit codes."""

    ALL = exits.DONE
    SOME = exits.SOME_ROWS
    NONE = exits.NO_ROWS


def outcome_of(job: ImportJob) -> Outcome:
    """What an import that has ended came to."""
    if job.is_completed and not job.progress.failed:
        return Outcome.ALL
    # Of a dry run with faulty rows, all or nothing means nothing.
    is_refused = job.dry_run and job.mode != "valid_rows"
    return Outcome.SOME if job.progress.applied and not is_refused else Outcome.NONE


_STORED = {
    Outcome.ALL: Text("已导入", "imported"),
    Outcome.SOME: Text("已导入,错误行除外", "imported, apart from faulty rows"),
    Outcome.NONE: Text("没有可导入的行", "no row could be imported"),
}
_TRIED = {
    Outcome.ALL: Text("试运行通过,尚未写入", "dry run passed, nothing is stored yet"),
    Outcome.SOME: Text(
        "试运行,错误行除外可以导入", "dry run, can be imported apart from faulty rows"
    ),
    Outcome.NONE: Text("试运行未通过", "dry run, cannot be imported"),
}
_BROKEN_OFF = {
    "failed": Text("未导入", "not imported"),
    "cancelled": Text("已取消", "cancelled"),
}
_PARTLY = Text("{what},部分行已写入", "{what}, some rows are stored")
# What it is while it goes on.
_GOING_ON = {
    "open": Text("等待上传", "waits for its file"),
    "queued": Text("排队中", "waits for its turn"),
    "validating": Text("校验中", "being checked"),
    "loading": Text("写入中", "being stored"),
}


def state_of(job: ImportJob) -> Text:
    """How an import stands, in words."""
    if not job.has_ended:
        return job.waiting or _GOING_ON[job.state]
    outcome = outcome_of(job)
    if job.is_completed:
        return (_TRIED if job.dry_run else _STORED)[outcome]
    what = _BROKEN_OFF[job.state]
    if outcome is Outcome.NONE:
        return what
    return Text(_PARTLY.zh.format(what=what.zh), _PARTLY.en.format(what=what.en))
