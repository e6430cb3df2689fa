"""Services that are down, slow, or stop half-way; clients that go away."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from gateway.proxy.upstreams import Upstreams
from tests.gateway.people import Headers, Platform, code_of
from tests.gateway.serving import listening
from tests.gateway.upstream import Upstream

OF_EACH_ACCOUNT = 70


@pytest.fixture
def caller(platform: Platform) -> Headers:
    """Anybody with a token."""
    return platform.auditor


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_service_that_is_down_is_named(
    http: httpx.AsyncClient, caller: Headers, method: str
) -> None:
    answer = await http.request(
        method, "/appraisal/v1/cycles", headers=caller | {"Accept-Language": "en"}
    )
    assert answer.status_code == 503
    assert code_of(answer) == "gateway.service_unavailable"
    assert "appraisal" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) >= 1


async def test_a_service_that_does_not_answer_in_time_is_down(
    http: httpx.AsyncClient, caller: Headers, upstream: Upstream
) -> None:
    answer = await http.get("/schools/v1/slow", headers=caller)
    upstream.may_go_on.set()
    assert answer.status_code == 503
    assert code_of(answer) == "gateway.service_unavailable"


@pytest.mark.parametrize("query", ["", "?chunked"])
async def test_an_answer_that_breaks_off_breaks_off_here_too(
    http: httpx.AsyncClient, caller: Headers, query: str
) -> None:
    async with http.stream("GET", f"/schools/v1/broken{query}", headers=caller) as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            await answer.aread()
    after = await http.get("/schools/v1/show", headers=caller)
    assert after.status_code == 200


async def test_a_service_hears_that_nobody_listens_any_more(
    http: httpx.AsyncClient, caller: Headers, upstream: Upstream
) -> None:
    async with http.stream("GET", "/schools/v1/endless", headers=caller) as answer:
        await anext(answer.aiter_raw())
    await asyncio.wait_for(upstream.interrupted.wait(), 5)


async def test_a_service_hears_that_nobody_waits_any_more(
    http: httpx.AsyncClient, caller: Headers, upstream: Upstream
) -> None:
    waiting = asyncio.create_task(http.get("/schools/v1/changes?wait=60", headers=caller))
    await until(upstream, 1)
    waiting.cancel()
    await until(upstream, 0, seconds=0.6)  # by itself the gateway gives up after a second


async def test_who_waits_holds_no_connection_that_others_need(
    platform: Platform, address: str, upstream: Upstream
) -> None:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=30) as http:
        crowd = [
            asyncio.create_task(http.get("/schools/v1/imports/0198/events", headers=one))
            for one in (platform.sysadmin, platform.secadmin, platform.auditor)
            for _ in range(OF_EACH_ACCOUNT)
        ]
        await until(upstream, len(crowd))
        answer = await http.get("/schools/v1/show", headers=platform.auditor)
        assert answer.status_code == 200
        for one in crowd:
            one.cancel()
        await until(upstream, 0)


async def until(upstream: Upstream, waiting: int, seconds: float = 10) -> None:
    """Until so many wait at the service."""
    async with asyncio.timeout(seconds):
        while upstream.waiting != waiting:
            await asyncio.sleep(0.01)


async def test_an_answer_before_the_end_of_the_body_arrives(
    http: httpx.AsyncClient, caller: Headers
) -> None:
    answer = await http.post("/schools/v1/refuse", content=b"x" * 1_500_000, headers=caller)
    assert answer.status_code == 415
    assert answer.json() == {"code": "no"}
    assert (await http.get("/schools/v1/show", headers=caller)).status_code == 200


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Stale:
    """A server that hangs up on the second request of a connection, without an answer."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(ANSWER)
        await reader.readuntil(b"\r\n\r\n")
        self.heads.append(b"dropped")
        writer.close()


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("PUT", 503), ("POST", 503)])
async def test_only_what_is_safe_is_sent_again(
    app: FastAPI, http: httpx.AsyncClient, caller: Headers, method: str, status: int
) -> None:
    stale = Stale()
    async with listening(stale) as accountability:
        addresses = app.state.resources[Upstreams].addresses
        before, addresses["accountability"] = addresses["accountability"], accountability
        try:
            path = "/accountability/v1/cases"
            assert (await http.get(path, headers=caller)).status_code == 200
            body = b"{}" if method != "GET" else b""
            answer = await http.request(method, path, content=body, headers=caller)
        finally:
            addresses["accountability"] = before
    assert answer.status_code == status
    assert stale.heads[1] == b"dropped"
    assert len(stale.heads) == (3 if status == 200 else 2)


@pytest.mark.parametrize(
    "rubbish", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"]
)
async def test_rubbish_from_a_service_is_503(
    app: FastAPI, http: httpx.AsyncClient, caller: Headers, rubbish: bytes
) -> None:
    async def answer_rubbish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(rubbish)
        writer.close()

    async with listening(answer_rubbish) as accountability:
        addresses = app.state.resources[Upstreams].addresses
        before, addresses["accountability"] = addresses["accountability"], accountability
        try:
            answer = await http.get("/accountability/v1/cases", headers=caller)
        finally:
            addresses["accountability"] = before
    assert answer.status_code == 503
    assert code_of(answer) == "gateway.service_unavailable"


async def test_many_requests_share_few_connections(
    http: httpx.AsyncClient, caller: Headers
) -> None:
    answers = await asyncio.gather(
        *(http.get("/schools/v1/show", headers=caller) for _ in range(200))
    )
    assert {answer.status_code for answer in answers} == {200}
