"""Report of the slowest tests, fixtures and folders: `pytest --report-slow 15`."""

import time
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field

import pytest

_FIXTURES = "junheng_fixtures"


@dataclass
class Spent:
    """Seconds spent on one thing, and how many times."""

    seconds: float = 0
    times: int = 0

    def add(self, seconds: float, times: int = 1) -> None:
        """Count one more measurement."""
        self.seconds += seconds
        self.times += times


Table = defaultdict[str, Spent]


def _table() -> Table:
    return defaultdict(Spent)


class FixtureTimer:
    """Measures fixtures where tests run, and attaches the times to the test's reports."""

    def __init__(self) -> None:
        self._measured: list[tuple[str, float]] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object]
    ) -> Generator[None, object, object]:
        """Measure one set-up, without the fixtures that it depends on."""
        start = time.perf_counter()
        try:
            return (yield)
        finally:
            name = f"{fixturedef.baseid or 'plugins'}::{fixturedef.argname}"
            self._measured.append((name, time.perf_counter() - start))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Send the times with the report, the only thing that a worker sends to the run."""
        report = yield
        report.__dict__[_FIXTURES] = self._measured
        self._measured = []
        return report


@dataclass
class SlowReport:
    """Adds up the times of all reports and prints the largest at the end of the run."""

    shown: int
    tests: Table = field(default_factory=_table)
    folders: Table = field(default_factory=_table)
    fixtures: Table = field(default_factory=_table)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one phase of one test: set-up, call or tear-down."""
        folder = "/".join(report.nodeid.partition("::")[0].split("/")[:2])
        calls = int(report.when == "call")
        self.tests[report.nodeid].add(report.duration, calls)
        self.folders[folder].add(report.duration, calls)
        for name, seconds in report.__dict__.get(_FIXTURES, ()):
            self.fixtures[name].add(seconds)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the three tables."""
        for title, table, shown in (
            ("seconds and tests per folder", self.folders, len(self.folders)),
            ("slowest tests, with their fixtures", self.tests, self.shown),
            ("slowest fixtures, all runs together", self.fixtures, self.shown),
        ):
            terminalreporter.section(title)
            for name, spent in _largest(table)[:shown]:
                terminalreporter.write_line(f"{spent.seconds:8.1f} s {spent.times:6} x  {name}")


def _largest(table: Table) -> list[tuple[str, Spent]]:
    return sorted(table.items(), key=lambda row: row[1].seconds, reverse=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option, which `dev.py test` gives."""
    parser.addoption(
        "--report-slow", type=int, default=0, metavar="N", help="show the N slowest tests"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Measure where tests run, report where the run is."""
    if shown := config.getoption("--report-slow"):
        config.pluginmanager.register(FixtureTimer())
        if not hasattr(config, "workerinput"):
            config.pluginmanager.register(SlowReport(shown))
