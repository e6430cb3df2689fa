"""Bodies that hardly arrive: who sends them does not keep a place from others for good."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from services.chassis.http import middleware
from tests.gateway.people import Headers, Platform
from tests.gateway.upstream import Upstream

LENGTH = 400


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second of patience instead of half a minute."""
    monkeypatch.setattr(middleware, "_SILENT_SECONDS", 0.5)


@pytest.fixture
def caller(platform: Platform) -> Headers:
    """Anybody with a token."""
    return platform.auditor


async def drip(address: str, path: str, headers: Headers, pieces: int, pause: float) -> bytes:
    """Send some pieces of a body and no more; what the server says to that."""
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: x\r\n{lines}Content-Type: application/json\r\n"
        f"Content-Length: {LENGTH}\r\n\r\n".encode()
    )

    async def send() -> None:
        for _ in range(pieces):
            writer.write(b" ")
            await asyncio.sleep(pause)

    sending = asyncio.create_task(send())
    answer = await asyncio.wait_for(reader.readuntil(b'"errors":[]}'), 5)
    sending.cancel()
    writer.close()
    return answer


@pytest.mark.parametrize(("pieces", "pause"), [(0, 0), (2, 0), (LENGTH - 1, 0.02)])
@pytest.mark.parametrize("path", ["/v1/login", "/v1/me/password", "/schools/v1/x"])
async def test_who_sends_hardly_anything_is_sent_away(
    address: str, caller: Headers, path: str, pieces: int, pause: float
) -> None:
    headers = caller | {"Idempotency-Key": "k"}
    answer = await drip(address, path, headers, pieces, pause)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"platform.body_too_slow"' in answer


async def test_a_body_that_keeps_coming_may_take_its_time(
    http: httpx.AsyncClient, caller: Headers
) -> None:
    async def steady() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield b"x" * 200
            await asyncio.sleep(0.1)

    answer = await http.post("/schools/v1/x", content=steady(), headers=caller)
    assert answer.json()["size"] == 2400


async def test_an_answer_may_take_longer_than_a_body(
    http: httpx.AsyncClient, caller: Headers, upstream: Upstream
) -> None:
    waiting = asyncio.create_task(http.post("/schools/v1/slow", content=b"x", headers=caller))
    await asyncio.sleep(0.7)
    upstream.may_go_on.set()
    assert (await waiting).status_code == 200
    upstream.may_go_on.clear()
