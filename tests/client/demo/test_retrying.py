"""Steps are repeated after outages, not after refusals."""

import pytest

from client.demo.errors import DemoFailed
from client.demo.parallel import work_in_parallel
from client.demo.progress import Meter
from client.demo.retrying import retry_step
from client.demo.tally import DONE, Tally
from client.problems import JunhengError, Problem, Unreachable
from client.retry import RetryPolicy

UNAVAILABLE = Problem(503, {"code": "gateway.service_down", "detail": "appraisal is down"})


def failing(*failures: Exception) -> "list[Exception]":
    return list(failures)


def attempt(
    failures: list[Exception], retry_policy: RetryPolicy | None = None
) -> tuple[str, int, float]:
    """The result, the number of reported outages, and the total delay."""
    reported: list[JunhengError] = []
    waits: list[float] = []

    def work() -> str:
        if failures:
            raise failures.pop(0)
        return "done"

    result = retry_step(
        work, reported.append, retry_policy or RetryPolicy(seconds=60), waits.append
    )
    return result, len(reported), sum(waits)


def test_a_step_is_repeated_after_an_outage() -> None:
    lost = Unreachable("http://gateway", "connection reset")
    result, reported, waited = attempt(failing(UNAVAILABLE, lost, UNAVAILABLE))
    assert (result, reported) == ("done", 3)
    assert 0 < waited < 60


def test_a_refusal_is_raised_at_once() -> None:
    with pytest.raises(Problem, match="409"):
        attempt(failing(Problem(409, {"code": "409"})))


def test_a_lasting_outage_ends_with_a_message() -> None:
    with pytest.raises(DemoFailed) as raised:
        attempt(failing(UNAVAILABLE, UNAVAILABLE), RetryPolicy(seconds=0))
    assert "appraisal is down" in raised.value.describe("en")
    assert "会从中断处继续" in raised.value.describe("zh-CN")


def test_counts_of_parallel_items_are_added() -> None:
    meter = Meter("en", DONE)
    work_in_parallel([1, 2, 3, 4], lambda number: Tally(new=number), lambda number: number, meter)
    assert meter.summary() == "10 done"


def test_the_first_failure_stops_all_items() -> None:
    def work(number: int) -> Tally:
        if number == 2:
            raise Problem(403, {"code": "auth.missing_scope"})
        return Tally(new=1)

    with pytest.raises(Problem, match=r"auth\.missing_scope"):
        work_in_parallel(range(50), work, lambda _: 1, Meter("en", DONE))
