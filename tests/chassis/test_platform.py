"""Calls to other services: tokens are replaced when refused, and one that is down stands alone."""

from collections.abc import Callable

import httpx
import pytest

from services.chassis.core.errors import Unavailable
from services.chassis.peers.client import PlatformClient
from services.chassis.peers.http_client import HttpClient, UpstreamUnavailable

BUREAU = "620123"


class Gateway:
    """Gives tokens, and accepts only those that are not in `refused`."""

    def __init__(self) -> None:
        self.tokens = 0
        self.refused: set[str] = set()
        self.seen: list[httpx.Request] = []
        self.gives_tokens = True
        self.gives_rubbish = False
        self.down: Callable[[str], bool] = lambda _path: False

    def client(self) -> PlatformClient:
        http = HttpClient("http://gateway", transport=httpx.MockTransport(self.answer), attempts=1)
        return PlatformClient(http, "service-appraisal", "secret")

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.down(request.url.path):
            return httpx.Response(503)
        if request.url.path == "/oauth/token":
            self.tokens += 1
            if self.gives_rubbish:
                return httpx.Response(200, text="<html>")
            token = {"access_token": f"t{self.tokens}", "expires_in": 1800}
            return httpx.Response(200 if self.gives_tokens else 401, json=token)
        self.seen.append(request)
        token_of = request.headers["Authorization"].removeprefix("Bearer ")
        return httpx.Response(401 if token_of in self.refused else 200, text="line\n")


async def test_one_token_serves_many_calls() -> None:
    gateway = Gateway()
    platform = gateway.client()
    for _ in range(3):
        answer = await platform.request(BUREAU, "GET", "/schools/v1/staff", params={"limit": 1})
        assert answer.status_code == 200
    await platform.request("620124", "GET", "/schools/v1/staff")
    assert gateway.tokens == 2, "one for each bureau"
    assert gateway.seen[0].url.params["limit"] == "1"


async def test_a_refused_token_is_replaced_once() -> None:
    gateway = Gateway()
    platform = gateway.client()
    gateway.refused = {"t1"}
    answer = await platform.request(BUREAU, "POST", "/appraisal/v1/directives", json={"a": 1})
    assert (answer.status_code, gateway.tokens) == (200, 2)
    assert [request.content for request in gateway.seen] == [b'{"a":1}'] * 2
    gateway.refused = {"t2", "t3"}
    answer = await platform.request(BUREAU, "GET", "/schools/v1/staff")
    assert (answer.status_code, gateway.tokens) == (401, 3)


async def test_a_stream_replaces_its_token_too() -> None:
    gateway = Gateway()
    gateway.refused = {"t1"}
    async with gateway.client().stream(BUREAU, "/schools/v1/staff") as answer:
        assert [line async for line in answer.aiter_lines()] == ["line"]
    assert gateway.tokens == 2


@pytest.mark.parametrize("gives_rubbish", [True, False])
async def test_without_a_token_the_platform_is_unavailable(gives_rubbish: bool) -> None:
    gateway = Gateway()
    gateway.gives_tokens, gateway.gives_rubbish = False, gives_rubbish
    with pytest.raises(Unavailable):
        await gateway.client().request(BUREAU, "GET", "/schools/v1/staff")
    assert gateway.seen == []


async def test_a_service_that_is_down_does_not_cut_off_the_others() -> None:
    gateway = Gateway()
    platform = gateway.client()
    gateway.down = lambda path: path.startswith("/appraisal/")
    for _ in range(8):
        with pytest.raises(UpstreamUnavailable):
            await platform.request(BUREAU, "GET", "/appraisal/v1/cycles")
    assert (await platform.request(BUREAU, "GET", "/schools/v1/staff")).status_code == 200
    assert (await platform.request("620124", "GET", "/schools/v1/staff")).status_code == 200
