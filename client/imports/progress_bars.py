"""Progress of an import on a terminal: bars for uploading, checking and storing."""

from datetime import UTC, datetime, timedelta
from typing import Self

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column

from client.imports.display import ImportDisplay
from client.imports.job import ImportJob
from client.text import Language, Text

_BAR_CELLS = 20
_ROWS = Text("{rows:,} 行", "{rows:,} rows")
_BYTE_RATE = Text("{rate}/秒", "{rate}/s")
_ROW_RATE = Text("{rate:,.0f} 行/秒", "{rate:,.0f} rows/s")
_LEFT = Text("剩余 {left}", "{left} left")
_WAITING = Text("等待服务器", "waiting for server")
_QUEUED = Text("排队中", "queued")
_UPLOAD, _CHECK, _STORE = Text("上传", "Upload"), Text("校验", "Check"), Text("写入", "Store")


class ProgressBars(ImportDisplay):
    """One bar for each phase: upload, check, store."""

    def __init__(self, console: Console, language: Language, *, is_new: bool = False) -> None:
        super().__init__(console, language, is_new=is_new)
        columns = (
            TextColumn("{task.description}", table_column=_fixed(6)),
            BarColumn(_BAR_CELLS),
            TextColumn("{task.fields[amount]}", justify="right", table_column=_fixed(21)),
            TextColumn("{task.fields[rate]}", justify="right", table_column=_fixed(15)),
            TextColumn("{task.fields[left]}", table_column=_fixed(12)),
        )
        self._progress = Progress(*columns, console=console, refresh_per_second=8)
        self._tasks: dict[Text, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, job: ImportJob) -> None:
        """Update the bars."""
        if self.is_new or job.is_open or _UPLOAD in self._tasks:
            self._upload(job)
        if job.waiting:
            self._bar(_CHECK, None, None, amount=self.render(_WAITING))
        elif job.state == "queued":
            self._bar(_CHECK, None, None, amount=self.render(_QUEUED))
        elif job.state in ("validating", "loading") or job.progress.rows:
            self._check(job)
        if job.state == "loading" or (job.is_completed and not job.dry_run):
            self._store(job)

    def _upload(self, job: ImportJob) -> None:
        size = job.size or job.received
        if not job.is_open:
            self._bar(_UPLOAD, 1, 1, amount=decimal(size))
            return
        amount = f"{decimal(job.received)}/{decimal(size)}"
        rate = self.upload_rate(job)
        rate_text = self.render(_BYTE_RATE, rate=decimal(int(rate))) if rate else ""
        left = timedelta(seconds=(size - job.received) / rate) if rate else None
        self._bar(_UPLOAD, job.received, size, amount=amount, rate=rate_text, left=left)

    def _check(self, job: ImportJob) -> None:
        amount = self.render(_ROWS, rows=job.progress.rows)
        if job.state != "validating":
            self._bar(_CHECK, 1, 1, amount=amount)
            return
        rate, left = self._row_rate(job), _left_of(job)
        self._bar(_CHECK, job.progress.bytes, job.size, amount=amount, rate=rate, left=left)

    def _store(self, job: ImportJob) -> None:
        progress = job.progress
        done = progress.applied + progress.failed
        if job.has_ended:
            amount = self.render(_ROWS, rows=progress.applied)
            self._bar(_STORE, 1, 1, amount=amount, rate=self._row_rate(job))
            return
        # An all-or-nothing import shows nothing before it is committed.
        total = progress.rows if progress.applied else None
        amount = f"{done:,}/{progress.rows:,}"
        rate, left = self._row_rate(job), _left_of(job)
        self._bar(_STORE, done, total, amount=amount, rate=rate, left=left)

    def _row_rate(self, job: ImportJob) -> str:
        return self.render(_ROW_RATE, rate=job.rows_per_second) if job.rows_per_second else ""

    def _bar(
        self,
        title: Text,
        done: int | None,
        total: int | None,
        *,
        amount: str,
        rate: str = "",
        left: timedelta | None = None,
    ) -> None:
        if title not in self._tasks:
            described = self.render(title)
            task = self._progress.add_task(described, total=None, amount="", rate="", left="")
            self._tasks[title] = task
        self._progress.update(
            self._tasks[title],
            total=total,
            completed=done or 0,
            amount=amount,
            rate=rate,
            left=self.render(_LEFT, left=_clock(left)) if left else "",
        )


def _left_of(job: ImportJob) -> timedelta | None:
    return job.estimated_end_at - datetime.now(UTC) if job.estimated_end_at else None


def _clock(left: timedelta) -> str:
    """The duration as H:MM:SS or M:SS, at least 0:00."""
    minutes, seconds = divmod(max(round(left.total_seconds()), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _fixed(cells: int) -> Column:
    return Column(width=cells, no_wrap=True)
