import asyncio
from collections.abc import Callable

import httpx
import pytest

from services.chassis.core.request_id import current_request_id
from services.chassis.peers.http_client import HttpClient, UpstreamUnavailable


class Upstream:
    """Answers with a list of statuses, then with 200; remembers what it was asked."""

    def __init__(self, *statuses: int | type[Exception]) -> None:
        self.statuses = list(statuses)
        self.requests: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        status = self.statuses.pop(0) if self.statuses else 200
        if isinstance(status, int):
            return httpx.Response(status, json={"ok": status == 200})
        raise status("no answer")


@pytest.fixture
def connect() -> Callable[[Upstream], HttpClient]:
    def client(upstream: Upstream) -> HttpClient:
        return HttpClient("http://upstream", transport=httpx.MockTransport(upstream.answer))

    return client


Connect = Callable[[Upstream], HttpClient]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "fault", [502, 503, 504, httpx.ConnectError, httpx.ReadTimeout, httpx.DecodingError]
)
async def test_idempotent_calls_are_tried_again(
    connect: Connect, method: str, fault: int | type[Exception]
) -> None:
    upstream = Upstream(fault, fault)
    answer = await connect(upstream).request(method, "/x")
    assert (answer.status_code, len(upstream.requests)) == (200, 3)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("fault", [503, httpx.ConnectError, httpx.ReadTimeout])
async def test_other_calls_are_not(
    connect: Connect, method: str, fault: int | type[Exception]
) -> None:
    upstream = Upstream(fault)
    with pytest.raises(UpstreamUnavailable):
        await connect(upstream).request(method, "/x")
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 500])
async def test_answers_that_trying_again_would_not_change_are_given(
    connect: Connect, status: int
) -> None:
    upstream = Upstream(status)
    answer = await connect(upstream).request("GET", "/x")
    assert (answer.status_code, len(upstream.requests)) == (status, 1)


async def test_the_breaker_opens_and_closes_again(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = Upstream(*[503] * 6)
    client = connect(upstream)
    for _ in range(5):
        with pytest.raises(UpstreamUnavailable):
            await client.request("POST", "/x")
    asked = len(upstream.requests)
    for _ in range(10):
        with pytest.raises(UpstreamUnavailable):
            await client.request("GET", "/x")
    assert len(upstream.requests) == asked == 5
    upstream.statuses.clear()
    await asyncio.sleep(5.1)
    assert (await client.request("GET", "/x")).status_code == 200
    assert (await client.request("GET", "/x")).status_code == 200


async def test_the_request_id_travels(connect: Connect) -> None:
    upstream = Upstream()
    current_request_id.set("abc-12345678")
    await connect(upstream).request("GET", "/x", headers={"X-Other": "1"})
    assert upstream.requests[0].headers["x-request-id"] == "abc-12345678"
    assert upstream.requests[0].headers["x-other"] == "1"


@pytest.mark.parametrize("fault", [503, httpx.ConnectError])
async def test_a_stream_that_cannot_begin_is_unavailable(
    connect: Connect, fault: int | type[Exception]
) -> None:
    with pytest.raises(UpstreamUnavailable):
        async with connect(Upstream(fault)).stream("/x"):
            pass
