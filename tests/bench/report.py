"""What a benchmark hands back: rows to read, and checks against the bars that we promise."""

from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Check:
    """One promise: a value, the bar it has to keep to, and whether it does."""

    name: str
    value: float
    bar: float
    unit: str
    holds: bool


def at_most(name: str, value: float, bar: float, unit: str) -> Check:
    """Promise that the value does not exceed the bar."""
    return Check(name, round(value, 3), bar, unit, value <= bar)


def at_least(name: str, value: float, bar: float, unit: str) -> Check:
    """Promise that the value reaches the bar."""
    return Check(name, round(value, 3), bar, unit, value >= bar)


@dataclass(frozen=True)
class Report:
    """The outcome of one benchmark."""

    name: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the report as `--json` prints it."""
        return asdict(self)

    def print(self) -> None:
        """Show the report as tables."""
        console = Console()
        if self.rows:
            console.print(_table(self.name, self.rows))
        checks = [asdict(check) | {"holds": "✓" if check.holds else "✗"} for check in self.checks]
        if checks:
            console.print(_table("checks 指标", checks))


def _table(title: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(title=title)
    for name, value in rows[0].items():
        table.add_column(name, justify="right" if isinstance(value, int | float) else "left")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    return table
