"""Clients that do not ask, and clients that do not read: neither keeps a connection for good."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from services.chassis.http import protocol, unread
from tests.gateway.people import Headers, Platform
from tests.gateway.serving import serving
from tests.gateway.upstream import BIG_CHUNKS, CHUNK, Upstream

LINES = b"GET /livez HTTP/1.1\r\nHost: x\r\n"
ENDED = 20
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second of patience instead of half a minute."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.5)


@pytest.fixture
def caller(platform: Platform) -> Headers:
    """Anybody with a token."""
    return platform.auditor


@asynccontextmanager
async def connected(address: str, receive_buffer: int | None = None) -> AsyncIterator[Streams]:
    """A connection to the gateway."""
    host, _, port = address.removeprefix("http://").partition(":")
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=connection, limit=1024)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other side hangs up."""
    return await asyncio.wait_for(reader.read(), ENDED)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("start", [b"G", b"GET / HTTP/1.1\r\n", LINES, LINES + b"X-Long: y"])
async def test_a_head_that_is_never_complete_is_refused(address: str, start: bytes) -> None:
    async with connected(address) as (reader, writer):
        writer.write(start)
        answer = await rest_of(reader)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"application/problem+json" in answer
    assert b'"code":"platform.head_too_slow"' in answer


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("byte", [b"x", b"\r\n"])
async def test_a_byte_now_and_then_gains_no_time(address: str, byte: bytes) -> None:
    async with connected(address) as (reader, writer):
        if byte == b"x":
            writer.write(LINES + b"X-Long: ")
        ending = asyncio.create_task(rest_of(reader))
        while not ending.done():
            writer.write(byte)
            await asyncio.sleep(0.05)
        with suppress(ConnectionError):  # it is told, unless its last byte came too late for that
            assert b"408" in await ending or byte == b"\r\n"


@pytest.mark.usefixtures("impatient")
async def test_a_connection_without_a_request_is_closed(address: str) -> None:
    async with connected(address) as (reader, _writer):
        assert await rest_of(reader) == b""


@pytest.mark.usefixtures("impatient")
async def test_so_is_one_whose_next_request_is_never_complete(address: str) -> None:
    async with connected(address) as (reader, writer):
        writer.write(LINES + b"\r\n" + LINES)
        answer = await rest_of(reader)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"HTTP/1.1 408 Request Timeout\r\n" in answer


@pytest.mark.usefixtures("impatient")
async def test_who_is_being_served_has_all_the_time(upstream: Upstream) -> None:
    async with (
        serving(upstream, lifespan="off") as address,
        connected(address) as (reader, writer),
    ):
        writer.write(LINES.replace(b"/livez", b"/v1/slow") + b"\r\n")
        await asyncio.sleep(1.2)
        upstream.may_go_on.set()
        assert await asyncio.wait_for(reader.readline(), ENDED) == b"HTTP/1.1 200 OK\r\n"
        upstream.may_go_on.clear()


@pytest.mark.usefixtures("impatient")
async def test_what_follows_an_answer_must_keep_coming(address: str) -> None:
    """A body that nobody reads any more, because the answer did not need it."""
    async with connected(address) as (reader, writer):
        writer.write(
            b"POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 3000000\r\n\r\n"
        )
        assert (await asyncio.wait_for(reader.readline(), ENDED)).startswith(b"HTTP/1.1 401 ")
        for _ in range(20):  # more than enough of it
            writer.write(b" " * 1000)
            await asyncio.sleep(0.05)
        assert not reader.at_eof()
        await rest_of(reader)


def head(path: str, caller: Headers) -> bytes:
    """A request that reads something long."""
    return (
        f"GET /schools/v1/{path} HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: {caller['Authorization']}\r\n\r\n"
    ).encode()


async def test_an_answer_that_is_not_read_is_broken_off(
    address: str, caller: Headers, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "UNREAD_SECONDS", 0.5)
    upstream.interrupted.clear()
    async with connected(address, receive_buffer=4096) as (_reader, writer):
        writer.write(head("endless", caller))
        await asyncio.wait_for(upstream.interrupted.wait(), ENDED)


async def test_a_whole_answer_that_is_not_read_is_given_up(
    address: str, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is out of the application's hands, and in the memory of the server."""
    monkeypatch.setattr(unread, "UNREAD_SECONDS", 0.5)
    size = len((await http.get("/docs/assets/swagger-ui-bundle.js")).content)
    request = b"GET /docs/assets/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n"
    got = 0
    async with connected(address, receive_buffer=4096) as (reader, writer):
        writer.write(request * 10)
        await asyncio.sleep(3)
        try:
            while piece := await asyncio.wait_for(reader.read(65_536), ENDED):
                got += len(piece)
        except ConnectionError:
            pass
    assert got < 10 * size


async def test_who_reads_slowly_gets_everything(
    address: str, caller: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "UNREAD_SECONDS", 3.0)
    got = 0
    async with connected(address, receive_buffer=65_536) as (reader, writer):
        writer.write(head("big", caller))
        while got < BIG_CHUNKS * len(CHUNK):
            for _ in range(32):
                got += len(await asyncio.wait_for(reader.read(65_536), ENDED))
            if got < 12 * (1 << 20):
                await asyncio.sleep(0.02)
    assert got >= BIG_CHUNKS * len(CHUNK)
