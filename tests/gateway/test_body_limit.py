"""Bodies over the limit: a problem that the sender gets to read, however it sends."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.gateway.conftest import MAX_BODY
from tests.gateway.people import Headers, Platform, code_of
from tests.gateway.upstream import Upstream

MEGABYTE = b"x" * 1_000_000
HUGE = 200


@pytest.fixture
def caller(platform: Platform) -> Headers:
    """Anybody with a token."""
    return platform.auditor


async def test_a_body_at_the_limit_passes(http: httpx.AsyncClient, caller: Headers) -> None:
    answer = await http.post("/schools/v1/x", content=b"x" * MAX_BODY, headers=caller)
    assert answer.json()["size"] == MAX_BODY


async def test_an_announced_body_is_refused_unseen(
    http: httpx.AsyncClient, caller: Headers, upstream: Upstream
) -> None:
    upstream.requests.clear()
    answer = await http.post("/schools/v1/x", content=b"x" * (MAX_BODY + 1), headers=caller)
    assert answer.status_code == 413
    assert code_of(answer) == "platform.body_too_large"
    assert upstream.requests == []


async def test_an_unannounced_body_is_refused_when_it_is_too_long(
    http: httpx.AsyncClient, caller: Headers
) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield MEGABYTE

    answer = await http.post("/schools/v1/x", content=body(), headers=caller)
    assert answer.status_code == 413
    assert code_of(answer) == "platform.body_too_large"


def send_stubbornly(address: str, head: str, chunked: bool) -> bytes:
    """Send 200 MB without once looking for an answer, then read it."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(head.encode())
        frame = b"%x\r\n%s\r\n" % (len(MEGABYTE), MEGABYTE) if chunked else MEGABYTE
        for _ in range(HUGE):
            connection.sendall(frame)
        if chunked:
            connection.sendall(b"0\r\n\r\n")
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", ["/schools/v1/staff:import", "/v1/accounts", "/v1/login"])
async def test_whoever_keeps_sending_still_reads_the_answer(
    address: str, caller: Headers, path: str, chunked: bool
) -> None:
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {HUGE * len(MEGABYTE)}"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: {caller['Authorization']}\r\n{length}\r\n\r\n"
    )
    answer = await asyncio.to_thread(send_stubbornly, address, head, chunked)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answer
    assert b'"code":"platform.body_too_large"' in answer


async def test_whoever_asks_first_is_told_at_once(address: str, caller: Headers) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST /schools/v1/x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        f"Authorization: {caller['Authorization']}\r\nContent-Length: 200000000\r\n\r\n".encode()
    )
    answer = await asyncio.wait_for(reader.readuntil(b"}"), 5)
    assert answer.startswith(b"HTTP/1.1 413 ")
    writer.close()


async def test_no_token_is_told_before_the_size(http: httpx.AsyncClient) -> None:
    answer = await http.post("/schools/v1/x", content=b"x" * (MAX_BODY + 1))
    assert code_of(answer) == "auth.invalid_token"
