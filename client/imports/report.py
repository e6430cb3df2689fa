"""Terminal report of an import: state, counts and first faults."""

from collections.abc import Sequence
from itertools import islice

from rich.console import Console
from rich.table import Table

from client.api import JunhengClient
from client.calls import PAGE
from client.fault_table import show_faults
from client.imports.job import ImportJob
from client.imports.outcome import Outcome, outcome_of, state_of
from client.problems import Fault, Problem
from client.text import Language, Text

_COLOURS = {Outcome.ALL: "green", Outcome.SOME: "yellow", Outcome.NONE: "red"}
_HEAD = Text("{file} → {resource}：{state}", "{file} → {resource}: {state}")
_COUNTS = {
    "rows": Text("行数", "Rows"),
    "created": Text("新增", "Created"),
    "updated": Text("更新", "Updated"),
    "unchanged": Text("未变", "Unchanged"),
    "failed": Text("错误", "Failed"),
    "unprocessed": Text("未处理", "Unprocessed"),
    "removed": Text("移除", "Removed"),
}
# Stored rows that are not in the file and that `replace` has kept.
_KEPT = {
    "in_use": Text("保留（仍在使用）", "Kept, still in use"),
    "restricted": Text("保留（限制处理的人员）", "Kept, restricted persons"),
}
_KEPT_FOR = Text("保留（{reason}）", "Kept ({reason})")
_SEPARATELY = Text(
    "错误过多：其余各行只单独检查，未与其他行及已存数据核对",
    "Too many faults: the rows were checked one by one, not against each other or stored rows",
)
# Statuses if this login may not see the rows, or if they have expired.
_NOT_SHOWN = (403, 410)
_SECONDS, _RATE = Text("秒", "Seconds"), Text("行/秒", "Rows/s")


class Report:
    """Prints imports in one language, as seen by one login."""

    def __init__(self, console: Console, client: JunhengClient, language: Language) -> None:
        self._console, self._client, self._language = console, client, language

    def show(self, job: ImportJob) -> None:
        """Print the state of an import."""
        colour = _COLOURS[outcome_of(job)] if job.has_ended else "cyan"
        self._print(headline(job, self._language), style=f"bold {colour}")
        if job.refusal:
            self._print(f"{job.refusal.title} ({job.refusal.code})")
            self._print(job.refusal.detail)
        self._faults(job)
        if not job.faults.is_complete:
            self._print(_SEPARATELY.render(self._language))
        for notice in job.notices:
            self._print(f"{notice.message} ({notice.code})", style="yellow")
        if job.progress.rows:
            self._console.print(self._numbers(job))

    def _numbers(self, job: ImportJob) -> Table:
        table = Table(show_header=False)
        table.add_column()
        table.add_column(justify="right")
        for name, heading in _COUNTS.items():
            table.add_row(heading.render(self._language), f"{getattr(job.progress, name):,}")
        for reason, count in job.progress.kept.items():
            words = _KEPT.get(reason, _KEPT_FOR).render(self._language, reason=reason)
            table.add_row(words, f"{count:,}")
        if job.seconds is not None:
            table.add_row(_SECONDS.render(self._language), f"{job.seconds:,.1f}")
        if job.rows_per_second is not None:
            table.add_row(_RATE.render(self._language), f"{job.rows_per_second:,.0f}")
        return table

    def _faults(self, job: ImportJob) -> None:
        if not (job.refusal or job.progress.failed):
            return
        first: Sequence[Fault] = job.refusal.faults if job.refusal else ()
        try:
            first = list(islice(self._client.faults(job), PAGE))
        except Problem as refusal:
            if refusal.status not in _NOT_SHOWN:
                raise
            self._print(refusal.detail)
        if not first:
            return
        is_all = len(first) < PAGE and job.faults.count <= len(first)
        count = len(first) if is_all else self._client.count_faults(job)
        headers = {column.field: column.header for column in job.columns if column.field}
        show_faults(self._console, self._language, first, count=count, headers=headers)

    def _print(self, words: str, style: str = "") -> None:
        self._console.print(words, style=style, highlight=False, markup=False, soft_wrap=True)


def headline(job: ImportJob, language: Language) -> str:
    """The state of an import in one line."""
    state = state_of(job).render(language)
    return _HEAD.render(language, file=job.file_name or job.id, resource=job.resource, state=state)
