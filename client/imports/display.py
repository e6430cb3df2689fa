"""Display of a running import, the base of bars and lines."""

import time
from typing import Self

from rich.console import Console

from client.imports.job import ImportJob
from client.text import Language, Text

_RESUMED = Text(
    "继续执行同一文件尚未结束的导入 {id}", "resuming import {id} of this file, which has not ended"
)


class ImportDisplay:
    """Shows the progress of an import, updated repeatedly.

    Attributes:
        console: console to print on.
        is_new: whether the user starts an import rather than watching one.
        job: last known state of the import.
    """

    def __init__(self, console: Console, language: Language, *, is_new: bool = False) -> None:
        self.console, self._language, self.is_new = console, language, is_new
        self.job: ImportJob | None = None
        self._began, self._received = time.monotonic(), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to clean up."""

    def update(self, job: ImportJob) -> None:
        """Take and show the current state of the import."""
        if self.job is None:
            self._began, self._received = time.monotonic(), job.received
            if self.is_new and (job.received or not job.is_open):
                self.print(self.render(_RESUMED, id=job.id))
        self.job = job
        self.show(job)

    def show(self, job: ImportJob) -> None:
        """Show the current state."""

    def print(self, words: str) -> None:
        """Print a line."""
        self.console.print(words, highlight=False, markup=False, soft_wrap=True)

    def upload_rate(self, job: ImportJob) -> float:
        """Upload rate in bytes per second."""
        return (job.received - self._received) / max(time.monotonic() - self._began, 0.001)

    def render(self, text: Text, **params: object) -> str:
        """The text in the language of this display."""
        return text.render(self._language, **params)
