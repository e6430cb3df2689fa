"""Outages are waited for, refusals are not."""

import pytest

from client.demo.errors import DemoFailed
from client.demo.parallel import work_in_parallel
from client.demo.persistence import persist
from client.demo.progress import Meter
from client.demo.tally import DONE, Tally
from client.patience import Patience
from client.problems import JunhengError, Problem, Unreachable

AWAY = Problem(503, {"code": "gateway.service_down", "detail": "appraisal is down"})


def failing(*failures: Exception) -> "list[Exception]":
    return list(failures)


def attempt(failures: list[Exception], patience: Patience | None = None) -> tuple[str, int, float]:
    """The result, how often an outage was told, and how long was waited."""
    told: list[JunhengError] = []
    waits: list[float] = []

    def work() -> str:
        if failures:
            raise failures.pop(0)
        return "done"

    result = persist(work, told.append, patience or Patience(seconds=60), waits.append)
    return result, len(told), sum(waits)


def test_a_step_begins_again_after_an_outage() -> None:
    lost = Unreachable("http://gateway", "connection reset")
    result, told, waited = attempt(failing(AWAY, lost, AWAY))
    assert (result, told) == ("done", 3)
    assert 0 < waited < 60


def test_a_refusal_is_raised_at_once() -> None:
    with pytest.raises(Problem, match="409"):
        attempt(failing(Problem(409, {"code": "409"})))


def test_an_outage_that_lasts_ends_with_a_clear_message() -> None:
    with pytest.raises(DemoFailed) as raised:
        attempt(failing(AWAY, AWAY), Patience(seconds=0))
    assert "appraisal is down" in raised.value.says("en")
    assert "会从中断处继续" in raised.value.says("zh-CN")


def test_work_over_many_items_adds_up() -> None:
    meter = Meter("en", DONE)
    work_in_parallel([1, 2, 3, 4], lambda number: Tally(new=number), lambda number: number, meter)
    assert meter.summary() == "10 done"


def test_the_first_failure_ends_the_work() -> None:
    def work(number: int) -> Tally:
        if number == 2:
            raise Problem(403, {"code": "auth.missing_scope"})
        return Tally(new=1)

    with pytest.raises(Problem, match=r"auth\.missing_scope"):
        work_in_parallel(range(50), work, lambda _: 1, Meter("en", DONE))
