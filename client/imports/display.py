"""What somebody who waits for an import is shown of it."""

import time
from typing import Self

from rich.console import Console

from client.imports.job import ImportJob
from client.text import Language, Text

_RESUMED = Text(
    "接着做同一文件未结束的导入 {id}", "going on with import {id} of this file, which has not ended"
)


class Display:
    """What is known of an import, as it is told of again and again.

    Attributes:
        console: where it is shown.
        begins: whether the import is to begin now.
        job: the import as it was told of last.
    """

    def __init__(self, console: Console, language: Language, *, begins: bool = False) -> None:
        self.console, self._language, self.begins = console, language, begins
        self.job: ImportJob | None = None
        self._began, self._received = time.monotonic(), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left to do."""

    def update(self, job: ImportJob) -> None:
        """This is how the import stands now."""
        if self.job is None:
            self._began, self._received = time.monotonic(), job.received
            if self.begins and (job.received or not job.is_open):
                self.print(self.say(_RESUMED, id=job.id))
        self.job = job
        self.show(job)

    def show(self, job: ImportJob) -> None:
        """Show it."""

    def print(self, words: str) -> None:
        """Print a line."""
        self.console.print(words, highlight=False, markup=False, soft_wrap=True)

    def upload_rate(self, job: ImportJob) -> float:
        """Bytes a second."""
        return (job.received - self._received) / max(time.monotonic() - self._began, 0.001)

    def say(self, text: Text, **params: object) -> str:
        """A text in the language of this display."""
        return text.render(self._language, **params)
