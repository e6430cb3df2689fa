"""The demo moves the clock forward, and never in production."""

from datetime import date

import pytest

from client.api import JunhengClient
from client.demo import clock
from client.demo.errors import DemoFailed
from tests.client.fake import FakePlatform, answer, problem

START = clock.start_of(2025)


def test_the_appraisal_begins_on_5_january_of_the_next_year() -> None:
    assert START.isoformat() == "2026-01-05T09:00:00+08:00"
    assert clock.morning_after(date(2026, 1, 31)).isoformat() == "2026-02-01T09:00:00+08:00"


@pytest.mark.parametrize(
    ("now", "moved", "is_put"),
    [
        # Real time is no sign of an earlier run.
        ("2026-11-22T12:00:00+08:00", False, True),
        ("2025-12-30T12:00:00+08:00", True, True),
        ("2026-01-12T12:00:00+08:00", True, False),
    ],
)
def test_the_clock_is_moved_unless_an_earlier_run_has_moved_it(
    platform: FakePlatform, client: JunhengClient, now: str, moved: bool, is_put: bool
) -> None:
    platform.on("GET", "/v1/clock", answer({"now": now, "moved": moved}))
    platform.on("PUT", "/v1/clock", answer({}))
    shown = clock.move_clock_to(client, START)
    assert (shown == START) is is_put
    assert platform.bodies("PUT", "/v1/clock") == ([{"now": START.isoformat()}] if is_put else [])


def test_a_platform_in_production_has_no_such_route(
    platform: FakePlatform, client: JunhengClient
) -> None:
    platform.on("GET", "/v1/clock", problem(404, "platform.not_found"))
    with pytest.raises(DemoFailed, match="JUNHENG_ENVIRONMENT=development"):
        clock.move_clock_to(client, START)


def test_the_clock_is_reset_to_real_time(platform: FakePlatform, client: JunhengClient) -> None:
    platform.on("PUT", "/v1/clock", answer({}))
    clock.return_to_real_time(client)
    assert platform.bodies("PUT", "/v1/clock") == [{"now": None}]
