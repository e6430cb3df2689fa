"""Progress of a run: a bar for each step on a terminal, otherwise a line."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Column

from client.demo.tally import DONE, CountLabels, Tally
from client.text import Language, Text

_TITLE_CELLS = {"zh-CN": 18, "en": 26}
_BAR_CELLS = 20
_COUNT_CELLS = 13
_UNAVAILABLE = Text("服务暂不可用，正在重试", "service unavailable, retrying")
_FINISHED = Text("{title}：{summary}（{seconds:.1f} 秒）", "{title}: {summary} ({seconds:.1f} s)")


class Meter:
    """Progress of one step. Thread-safe.

    Attributes:
        tally: counts so far.
        result: text to show at the end instead of the counts.
    """

    def __init__(self, language: Language, labels: CountLabels) -> None:
        self._language, self._labels = language, labels
        self.tally = Tally()
        self.result = ""

    def advance(self, units: int, tally: Tally) -> None:
        """Add finished units and their counts."""
        self.tally += tally

    def on_outage(self, _failure: Exception) -> None:
        """Show that a service is unavailable and the step is being retried."""
        self.show_note(_UNAVAILABLE.render(self._language))

    def show_note(self, note: str) -> None:
        """Show a note."""

    def summary(self) -> str:
        """The result of the step."""
        return self.result or self.tally.describe(self._language, self._labels)


class _Bar(Meter):
    def __init__(
        self, language: Language, labels: CountLabels, progress: Progress, task: TaskID
    ) -> None:
        super().__init__(language, labels)
        self._progress, self._task = progress, task

    def advance(self, units: int, tally: Tally) -> None:
        super().advance(units, tally)
        self._progress.update(self._task, advance=units, note="")

    def show_note(self, note: str) -> None:
        self._progress.update(self._task, note=note)


class _Line(Meter):
    def __init__(self, language: Language, labels: CountLabels, console: Console) -> None:
        super().__init__(language, labels)
        self._console = console
        self._last_note = ""

    def show_note(self, note: str) -> None:
        if note != self._last_note:
            self._last_note = note
            self._console.print(f"    {note}", highlight=False)


class StepDisplay:
    """Shows the steps of a run on a console, one after the other."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console, self._language = console, language
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(
        self, key: str, title: Text, total: int = 0, labels: CountLabels = DONE
    ) -> Iterator[Meter]:
        """Show one step and measure its duration.

        Args:
            key: key of the duration in `seconds`.
            title: title of the step.
            total: units of work, 0 if unknown.
            labels: texts for its counts.
        """
        show = self._bar if self._console.is_terminal else self._line
        started = time.perf_counter()
        with show(title.render(self._language), total, started, labels) as meter:
            yield meter
        self.seconds[key] = round(time.perf_counter() - started, 3)

    @contextmanager
    def _bar(self, title: str, total: int, started: float, labels: CountLabels) -> Iterator[Meter]:
        columns = (
            TextColumn("{task.description}", table_column=_fixed(_TITLE_CELLS[self._language])),
            BarColumn(_BAR_CELLS),
            MofNCompleteColumn(table_column=_fixed(_COUNT_CELLS, justify="right")),
            TextColumn("{task.fields[took]}", table_column=_fixed(7, justify="right")),
            TextColumn("{task.fields[note]}", table_column=Column(no_wrap=True)),
        )
        with Progress(*columns, console=self._console, refresh_per_second=8) as progress:
            task = progress.add_task(title, total=total or None, note="", took="")
            meter = _Bar(self._language, labels, progress, task)
            yield meter
            took = f"{time.perf_counter() - started:.1f} s"
            units = max(total, 1)
            progress.update(task, total=units, completed=units, note=meter.summary(), took=took)

    @contextmanager
    def _line(
        self, title: str, _total: int, started: float, labels: CountLabels
    ) -> Iterator[Meter]:
        meter = _Line(self._language, labels, self._console)
        yield meter
        seconds = time.perf_counter() - started
        line = _FINISHED.render(
            self._language, title=title, summary=meter.summary(), seconds=seconds
        )
        self._console.print(line, highlight=False)


def _fixed(cells: int, justify: str = "left") -> Column:
    side = "right" if justify == "right" else "left"
    return Column(width=cells, no_wrap=True, justify=side)  # type: ignore[arg-type]
