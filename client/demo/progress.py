"""Shows how far a run is: a bar for each step on a terminal, otherwise a line for each."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Column

from client.demo.tally import DONE, Tally, Words
from client.text import Language, Text

_TITLE_CELLS = {"zh-CN": 18, "en": 26}
_BAR_CELLS = 20
_COUNT_CELLS = 13
_AWAY = Text("服务暂不可用,正在重试", "a service is away, trying again")


class Meter:
    """One step while it runs; safe to call from its threads.

    Attributes:
        tally: what it came to so far.
        result: what to show in the end instead of the counts.
    """

    def __init__(self, language: Language, words: Words) -> None:
        self._language, self._words = language, words
        self.tally = Tally()
        self.result = ""

    def advance(self, units: int, tally: Tally) -> None:
        """So many units are done, and came to this."""
        self.tally += tally

    def away(self, _failure: Exception) -> None:
        """A service does not answer; the step goes on trying."""
        self.say(_AWAY.render(self._language))

    def say(self, note: str) -> None:
        """Show a note."""

    def summary(self) -> str:
        """What the step came to."""
        return self.result or self.tally.says(self._language, self._words)


class _Bar(Meter):
    def __init__(self, language: Language, words: Words, progress: Progress, task: TaskID) -> None:
        super().__init__(language, words)
        self._progress, self._task = progress, task

    def advance(self, units: int, tally: Tally) -> None:
        super().advance(units, tally)
        self._progress.update(self._task, advance=units, note="")

    def say(self, note: str) -> None:
        self._progress.update(self._task, note=note)


class _Line(Meter):
    def __init__(self, language: Language, words: Words, console: Console) -> None:
        super().__init__(language, words)
        self._console = console
        self._said = ""

    def say(self, note: str) -> None:
        if note != self._said:
            self._said = note
            self._console.print(f"    {note}", highlight=False)


class Display:
    """Shows the steps of a run one after the other on a console."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console, self._language = console, language
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, key: str, title: Text, total: int = 0, words: Words = DONE) -> Iterator[Meter]:
        """Show one step, and time it under `key`.

        Args:
            key: its name among the seconds.
            title: what it is called.
            total: units of work, 0 when they cannot be told.
            words: how it puts its counts.
        """
        show = self._bar if self._console.is_terminal else self._line
        started = time.perf_counter()
        with show(title.render(self._language), total, started, words) as meter:
            yield meter
        self.seconds[key] = round(time.perf_counter() - started, 3)

    @contextmanager
    def _bar(self, title: str, total: int, started: float, words: Words) -> Iterator[Meter]:
        columns = (
            TextColumn("{task.description}", table_column=_fixed(_TITLE_CELLS[self._language])),
            BarColumn(_BAR_CELLS),
            MofNCompleteColumn(table_column=_fixed(_COUNT_CELLS, justify="right")),
            TextColumn("{task.fields[took]}", table_column=_fixed(7, justify="right")),
            TextColumn("{task.fields[note]}", table_column=Column(no_wrap=True)),
        )
        with Progress(*columns, console=self._console, refresh_per_second=8) as progress:
            task = progress.add_task(title, total=total or None, note="", took="")
            meter = _Bar(self._language, words, progress, task)
            yield meter
            took = f"{time.perf_counter() - started:.1f} s"
            units = max(total, 1)
            progress.update(task, total=units, completed=units, note=meter.summary(), took=took)

    @contextmanager
    def _line(self, title: str, _total: int, started: float, words: Words) -> Iterator[Meter]:
        meter = _Line(self._language, words, self._console)
        yield meter
        took = time.perf_counter() - started
        self._console.print(f"{title}: {meter.summary()} ({took:.1f} s)", highlight=False)


def _fixed(cells: int, justify: str = "left") -> Column:
    side = "right" if justify == "right" else "left"
    return Column(width=cells, no_wrap=True, justify=side)  # type: ignore[arg-type]
