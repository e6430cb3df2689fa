"""Retries: conditions, delays and limits."""

import httpx
import pytest

from client.api import JunhengClient
from client.problems import Problem, Unreachable
from client.retry import RetryPolicy
from tests.client.fake import FakePlatform, answer, problem


def test_retries_wait_as_long_as_the_server_asks(
    platform: FakePlatform, client: JunhengClient
) -> None:
    platform.on("GET", "/x", problem(503, retry_after=2), problem(502), answer({"ok": True}))
    assert client.get("/x") == {"ok": True}
    assert platform.waits[0] == 2.0
    assert 0 < platform.waits[1] <= 0.4


def test_a_delay_beyond_the_limit_is_not_waited_for(platform: FakePlatform) -> None:
    platform.on("GET", "/x", problem(503, "platform.unavailable", retry_after=60))
    with platform.client(RetryPolicy(seconds=5)) as client, pytest.raises(Problem) as raised:
        client.get("/x")
    assert raised.value.code == "platform.unavailable"
    assert platform.waits == []


def test_a_post_is_not_repeated_in_an_outage(platform: FakePlatform, client: JunhengClient) -> None:
    platform.on("POST", "/cases", problem(503), answer({}, 201))
    with pytest.raises(Problem):
        client.post("/cases", {"title": "x"})
    assert len(platform.sent("POST", "/cases")) == 1


def test_a_post_is_repeated_after_a_rate_limit(
    platform: FakePlatform, client: JunhengClient
) -> None:
    platform.on("POST", "/cases", problem(429, retry_after=1), answer({"id": "1"}, 201))
    assert client.post("/cases", {"title": "x"}) == {"id": "1"}


def test_a_broken_answer_is_requested_again(platform: FakePlatform, client: JunhengClient) -> None:
    platform.on("GET", "/x", httpx.RemoteProtocolError("peer closed"), answer([1]))
    client.token()
    assert client.get("/x") == [1]


def test_a_post_without_answer_is_not_repeated(
    platform: FakePlatform, client: JunhengClient
) -> None:
    platform.on("POST", "/cases", httpx.ReadError("reset"), answer({}))
    with pytest.raises(Unreachable, match="reset"):
        client.post("/cases", {})


def test_a_refused_connection_is_retried_only_after_a_first_answer(
    platform: FakePlatform, client: JunhengClient
) -> None:
    platform.on("POST", "/v1/login", httpx.ConnectError("refused"), answer({}))
    with pytest.raises(Unreachable, match="refused"):
        client.get("/x")
    assert platform.waits == []

    with platform.client() as other:
        platform.on("POST", "/v1/login", answer({"access_token": "t", "expires_in": 60}))
        other.token()
        platform.on("POST", "/cases", httpx.ConnectError("refused"), answer({"id": "1"}))
        assert other.post("/cases", {}) == {"id": "1"}


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 422, 500])
def test_other_refusals_are_not_retried(
    platform: FakePlatform, client: JunhengClient, status: int
) -> None:
    platform.on("GET", "/x", problem(status))
    with pytest.raises(Problem):
        client.get("/x")
    assert len(platform.requests) == 1
