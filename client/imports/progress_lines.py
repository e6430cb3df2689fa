"""Progress of an import without a terminal: lines on standard error."""

import time

from rich.console import Console
from rich.filesize import decimal

from client.imports.display import ImportDisplay
from client.imports.job import ImportJob
from client.text import Language, Text

_LINE_SECONDS = 10.0
_SENDING = Text("上传 {file}（{all}）", "uploading {file} ({all})")
_SENT = Text("已上传 {done}/{all}", "{done} of {all} uploaded")
_WAITING = Text("已上传，排队中，导入 {id}", "uploaded and queued, import {id}")
_CHECKING = Text("校验：{rows:,} 行", "checking: {rows:,} rows")
_STORING = Text("写入：{done:,}/{rows:,} 行", "storing: {done:,} of {rows:,} rows")


class ProgressLines(ImportDisplay):
    """A line for every new state, and every ten seconds."""

    def __init__(self, console: Console, language: Language, *, is_new: bool = False) -> None:
        super().__init__(console, language, is_new=is_new)
        self._state, self._printed_at = ("", ""), 0.0

    def show(self, job: ImportJob) -> None:
        """Print a line if the state has changed or ten seconds have passed."""
        state = (job.state, job.waits_for or "")
        has_changed, now = state != self._state, time.monotonic()
        if job.has_ended or not (has_changed or now - self._printed_at >= _LINE_SECONDS):
            return
        self.print(self._line(job, has_changed))
        self._state, self._printed_at = state, now

    def _line(self, job: ImportJob, has_changed: bool) -> str:
        if job.state == "open":
            text = _SENDING if has_changed and not job.received else _SENT
            size = decimal(job.size or job.received)
            return self.render(text, file=job.file_name or "", done=decimal(job.received), all=size)
        if job.waiting:
            return self.render(job.waiting)
        if job.state == "queued":
            return self.render(_WAITING, id=job.id)
        rows, done = job.progress.rows, job.progress.applied + job.progress.failed
        return self.render(
            _CHECKING if job.state == "validating" else _STORING, rows=rows, done=done
        )
