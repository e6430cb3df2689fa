"""Restarts of supervised processes, with a clock of the test's own."""

from pathlib import Path

import pytest

from deploy.errors import SetupError
from deploy.local.restarts import LONGEST_DELAY, STEADY_SECONDS, Restarts
from deploy.local.supervision import Supervised

PATIENCE = 600.0


class Bench:
    """A process that a test ends and lets work, and the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.status: int | None = None
        self.answers = self.can_start = True
        self.starts: list[float] = []
        self.said: list[str] = []
        restarts = Restarts(PATIENCE, lambda: self.now)
        self.supervised = Supervised(
            "schools",
            Path("schools.log"),
            lambda: self.status,
            lambda: "the end of the log",
            self.start,
            lambda: self.answers,
            lambda _chinese, english: self.said.append(english),
            restarts,
        )

    def start(self) -> None:
        self.starts.append(self.now)
        if not self.can_start:
            raise SetupError("不行", "no room")
        self.status = None

    def keep_ending(self) -> None:
        while True:
            self.status = self.status or 1
            self.pass_time(1)

    def pass_time(self, seconds: float, step: float = 0.25) -> None:
        end = self.now + seconds
        while self.now < end:
            self.supervised.check()
            self.now += step


def test_what_ends_is_started_at_once_and_then_after_longer_and_longer() -> None:
    bench = Bench()
    for _ in range(6):
        bench.status = -9
        began = bench.now
        while bench.status is not None:
            bench.pass_time(0.25)
        bench.starts[-1] -= began
        bench.pass_time(1)
    assert bench.starts == pytest.approx([0.25, 0.5, 1.0, 2.0, 4.0, 8.0], abs=0.5)
    assert bench.said.count("schools is running again") == 6
    assert "schools ended unexpectedly (status -9), log schools.log" in bench.said
    assert "restarting schools in 8 s" in bench.said


def test_four_kills_within_a_minute_are_over_within_the_minute() -> None:
    bench = Bench()
    for _ in range(4):
        bench.status = -9
        bench.pass_time(5)
    assert (bench.status, len(bench.starts)) == (None, 4)
    assert bench.now < 60


def test_what_has_worked_for_a_while_is_started_at_once_again() -> None:
    bench = Bench()
    for _ in range(4):
        bench.status = 1
        bench.pass_time(5)
    bench.pass_time(STEADY_SECONDS)
    bench.status = 1
    bench.pass_time(0.5)
    assert bench.status is None


def test_nothing_is_given_up_that_works_now_and_then() -> None:
    bench = Bench()
    while bench.now < 5 * PATIENCE:
        bench.status = 1
        bench.pass_time(LONGEST_DELAY + 2)
        assert bench.status is None


@pytest.mark.parametrize("can_start", [True, False])
def test_it_is_given_up_when_nothing_has_helped_for_long(can_start: bool) -> None:
    bench = Bench()
    bench.answers, bench.can_start = False, can_start
    with pytest.raises(SetupError, match="could not be restarted"):
        bench.keep_ending()
    assert PATIENCE < bench.now < PATIENCE + 2 * LONGEST_DELAY
    assert len(bench.starts) > PATIENCE / LONGEST_DELAY - 1, "tried to the end"
    if not can_start:
        assert "schools did not start: no room" in bench.said
