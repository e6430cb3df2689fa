"""Progress of an export: bars for writing and downloading the file."""

from typing import Self

from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from client.exports.headline import headline
from client.exports.job import ExportJob
from client.text import Language, Text

_BAR_CELLS = 30
_WRITE, _FETCH = Text("写文件", "Write"), Text("下载", "Download")


class ProgressBars:
    """Two bars on a terminal; without one, a line for every new state."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console, self._language = console, language
        self._printed = ""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(_BAR_CELLS),
            TextColumn("{task.fields[amount]}"),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[Text, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, job: ExportJob, arrived: int) -> None:
        """Show the state of the export and the number of bytes downloaded."""
        words = headline(job, self._language)
        if not self._console.is_terminal and words != self._printed:
            self._console.print(words, highlight=False, markup=False, soft_wrap=True)
        self._printed = words
        self._bar(_WRITE, job.bytes, job.bytes if job.has_ended else None)
        if arrived:
            self._bar(_FETCH, arrived, job.bytes)

    def _bar(self, title: Text, done: int, total: int | None) -> None:
        if title not in self._tasks:
            described = title.render(self._language)
            self._tasks[title] = self._progress.add_task(described, total=None, amount="")
        self._progress.update(self._tasks[title], completed=done, total=total, amount=decimal(done))
