"""Outcome of an import, as an exit code and in words."""

from enum import IntEnum

from client import exit_codes
from client.imports.job import ImportJob
from client.text import Text


class Outcome(IntEnum):
    """Share of the rows stored, or storable in a dry run; the values are exit codes."""

    ALL = exit_codes.DONE
    SOME = exit_codes.SOME_ROWS
    NONE = exit_codes.NO_ROWS


def outcome_of(job: ImportJob) -> Outcome:
    """The outcome of an import that has ended."""
    if job.is_completed and not job.progress.failed:
        return Outcome.ALL
    # A dry run with faulty rows could store nothing under `all_or_nothing`.
    is_refused = job.dry_run and job.mode != "valid_rows"
    return Outcome.SOME if job.progress.applied and not is_refused else Outcome.NONE


_STORED = {
    Outcome.ALL: Text("已导入", "imported"),
    Outcome.SOME: Text("已导入，错误行除外", "imported, except for faulty rows"),
    Outcome.NONE: Text("没有可导入的行", "no row could be imported"),
}
_TRIED = {
    Outcome.ALL: Text("试运行通过，尚未写入", "dry run passed, nothing stored yet"),
    Outcome.SOME: Text("试运行完成，错误行除外可以导入", "dry run passed, except for faulty rows"),
    Outcome.NONE: Text("试运行未通过", "dry run failed"),
}
_NOT_COMPLETED = {
    "failed": Text("未导入", "not imported"),
    "cancelled": Text("已取消", "cancelled"),
}
_PARTLY = Text("{what}，部分行已写入", "{what}, some rows are stored")
# States before the end.
_UNFINISHED = {
    "open": Text("等待上传", "waiting for the file"),
    "queued": Text("排队中", "queued"),
    "validating": Text("校验中", "checking"),
    "loading": Text("写入中", "storing"),
}


def state_of(job: ImportJob) -> Text:
    """The state of an import in words."""
    if not job.has_ended:
        return job.waiting or _UNFINISHED[job.state]
    outcome = outcome_of(job)
    if job.is_completed:
        return (_TRIED if job.dry_run else _STORED)[outcome]
    what = _NOT_COMPLETED[job.state]
    if outcome is Outcome.NONE:
        return what
    return Text(_PARTLY.zh.format(what=what.zh), _PARTLY.en.format(what=what.en))
