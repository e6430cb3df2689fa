"""An import where there is no terminal: a line whenever something new happens, and now and then."""

import time

from rich.console import Console
from rich.filesize import decimal

from client.imports.display import Display
from client.imports.job import ImportJob
from client.text import Language, Text

_LINE_SECONDS = 10.0
_SENDING = Text("上传 {file}({all})", "uploading {file} ({all})")
_SENT = Text("已上传 {done}/{all}", "{done} of {all} uploaded")
_WAITING = Text("已上传,排队中;导入 {id}", "uploaded and queued, import {id}")
_CHECKING = Text("校验:{rows:,} 行", "checking: {rows:,} rows")
_STORING = Text("写入:{done:,}/{rows:,} 行", "storing: {done:,} of {rows:,} rows")


class Lines(Display):
    """A line whenever something new happens, and every ten seconds."""

    def __init__(self, console: Console, language: Language, *, begins: bool = False) -> None:
        super().__init__(console, language, begins=begins)
        self._state, self._said_at = ("", ""), 0.0

    def show(self, job: ImportJob) -> None:
        """Say how it stands, if it is time to."""
        state = (job.state, job.waits_for or "")
        is_new, now = state != self._state, time.monotonic()
        if job.has_ended or not (is_new or now - self._said_at >= _LINE_SECONDS):
            return
        self.print(self._line(job, is_new))
        self._state, self._said_at = state, now

    def _line(self, job: ImportJob, is_new: bool) -> str:
        if job.state == "open":
            text = _SENDING if is_new and not job.received else _SENT
            size = decimal(job.size or job.received)
            return self.say(text, file=job.file_name or "", done=decimal(job.received), all=size)
        if job.waiting:
            return self.say(job.waiting)
        if job.state == "queued":
            return self.say(_WAITING, id=job.id)
        rows, done = job.progress.rows, job.progress.applied + job.progress.failed
        return self.say(_CHECKING if job.state == "validating" else _STORING, rows=rows, done=done)
