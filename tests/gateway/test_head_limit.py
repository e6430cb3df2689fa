"""Heads without end: refused while they come, before anybody knows who sends them."""

import asyncio

import httpx
import pytest

from services.chassis.http.protocol import MAX_HEAD_BYTES
from tests.gateway.people import Headers, Platform
from tests.gateway.serving import exchange

PIECE = b"x" * 16_384
HEADS = {
    "address": b"GET /",
    "header": b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ",
    "name": b"GET / HTTP/1.1\r\nHost: x\r\nX-",
    "trailer": b"POST /v1/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2\r\n{}\r\n0\r\nX-Long: ",
}


@pytest.fixture
def caller(platform: Platform) -> Headers:
    """Anybody with a token."""
    return platform.auditor


async def send_without_end(address: str, start: bytes) -> int:
    """How much of something endless the server takes before it hangs up, in bytes."""
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(start)
    sent = 0
    try:
        while sent < 200 * MAX_HEAD_BYTES and not reader.at_eof():
            writer.write(PIECE)
            await writer.drain()
            sent += len(PIECE)
            await asyncio.sleep(0.001)
    except ConnectionError:
        pass
    writer.close()
    return sent


@pytest.mark.parametrize("kind", HEADS)
async def test_what_comes_without_end_is_not_collected(address: str, kind: str) -> None:
    assert await send_without_end(address, HEADS[kind]) < 50 * MAX_HEAD_BYTES


async def test_a_head_over_the_limit_is_a_problem(address: str) -> None:
    head = HEADS["header"]
    answer = await exchange(address, head + b"x" * (MAX_HEAD_BYTES - len(head) + 1))
    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large")
    assert b"application/problem+json" in answer
    assert b'"code":"platform.head_too_large"' in answer


async def test_long_heads_within_it_pass_with_large_bodies(
    http: httpx.AsyncClient, caller: Headers
) -> None:
    headers = caller | {"X-Long": "x" * (MAX_HEAD_BYTES // 2)}
    for size in (0, 1, 2 * MAX_HEAD_BYTES, 1_000_000):
        answer = await http.post("/schools/v1/x", content=b"x" * size, headers=headers)
        assert answer.json()["size"] == size


async def test_links_as_long_as_their_addresses_come_back(
    http: httpx.AsyncClient, caller: Headers
) -> None:
    """A list repeats the filters of an address in the link to its next page."""
    query = "x" * (MAX_HEAD_BYTES // 2)
    answer = await http.get(f"/schools/v1/linked?{query}", headers=caller)
    assert answer.status_code == 200
    assert query in answer.headers["link"]
