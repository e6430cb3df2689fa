"""Clients that ask for a file and do not read it: what they hold, and what they do not."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.chassis.database.db import Database
from services.chassis.exports import pipe as pipes
from services.chassis.exports.selection import Selection
from services.chassis.http.streams import MOST_OF_ACCOUNT, StreamingPlaces
from services.schools.main import app
from tests.exports.test_streamed import account
from tests.gateway.serving import serving
from tests.schools.county import County
from tests.support.tokens import bearer, claims, sign

LARGE = Selection(["n"], ["n"], [str], [], ["repeat('x', 1000)"], "from generate_series(1, 20000)")
SIZE = 20_000 * 1001 + 2
SOON = 60
Sockets = list[socket.socket]


@pytest.fixture
async def address(staffed: County, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The registry on a socket; every export has 20 MB."""
    monkeypatch.setattr(Selection, "of", lambda *_args: LARGE)
    monkeypatch.setattr(pipes, "_PATIENCE_SECONDS", 0.2)
    async with serving(app, lifespan="off") as address:
        yield address


async def unread(address: str, headers: dict[str, str], count: int, query: str) -> Sockets:
    """Requests for a file on connections that nobody reads from."""
    host, _, port = address.removeprefix("http://").partition(":")
    loop, sockets = asyncio.get_running_loop(), []
    for _ in range(count):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        await loop.sock_connect(connection, (host, int(port)))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"GET /v1/staff?{query} HTTP/1.1\r\nHost: x\r\n{lines}\r\n"
        await loop.sock_sendall(connection, head.encode())
        sockets.append(connection)
    return sockets


async def free(database: Any) -> None:
    """Until no connection of the pool is in use."""
    async with asyncio.timeout(SOON):
        while database.pool.get_idle_size() != database.pool.get_size():
            await asyncio.sleep(0.02)


def admin(county: County, name: str) -> dict[str, str]:
    """The token of an account of the bureau."""
    return bearer("bureau_admin", bureau=county.bureau, name=name)


async def test_twelve_unread_files_keep_nobody_waiting(address: str, staffed: County) -> None:
    sockets = await unread(address, admin(staffed, "slow"), 12, "format=csv")
    try:
        async with httpx.AsyncClient(base_url=address, timeout=SOON, trust_env=False) as http:
            other = bearer("bureau_admin", bureau="999998", name="other")
            assert (await http.get("/v1/schools", headers=other)).status_code == 200
            answers = [await http.get("/v1/staff?format=csv", headers=other) for _ in range(3)]
            assert [(one.status_code, len(one.content)) for one in answers] == [(200, SIZE)] * 3
        await free(app.state.resources[Database])
    finally:
        for connection in sockets:
            connection.close()


@pytest.mark.parametrize("query", ["format=csv", "format=ndjson&compress=gzip"])
async def test_what_is_read_late_is_whole(
    address: str, staffed: County, data_dir: Path, query: str
) -> None:
    (connection,) = await unread(address, admin(staffed, "late"), 1, query)
    await asyncio.sleep(1)
    await free(app.state.resources[Database])
    loop, got = asyncio.get_running_loop(), b""
    while not got.endswith(b"\r\n0\r\n\r\n"):
        piece = await asyncio.wait_for(loop.sock_recv(connection, 1 << 20), SOON)
        assert piece
        got = got[-16:] + piece
    connection.close()
    assert [*(data_dir / "tmp").rglob("rows")] == []


async def test_who_leaves_leaves_nothing_behind(
    address: str, staffed: County, data_dir: Path
) -> None:
    sockets = await unread(address, admin(staffed, "gone"), 3, "format=csv")
    await asyncio.sleep(1)
    await free(app.state.resources[Database])
    for connection in sockets:
        connection.close()
    async with asyncio.timeout(SOON):
        while [*(data_dir / "tmp").rglob("rows")]:
            await asyncio.sleep(0.05)


async def test_an_account_has_so_many_files_at_a_time(address: str, staffed: County) -> None:
    mine = admin(staffed, "many")
    sockets = await unread(address, mine, MOST_OF_ACCOUNT, "format=csv")
    try:
        await asyncio.sleep(0.5)
        async with httpx.AsyncClient(base_url=address, timeout=SOON, trust_env=False) as http:
            refused = await http.get("/v1/staff?format=csv", headers=mine)
            assert (refused.status_code, refused.json()["code"]) == (
                429,
                "platform.too_many_streams",
            )
            assert int(refused.headers["retry-after"]) > 0
            assert (await http.get("/v1/staff", headers=mine)).status_code == 200
            another = admin(staffed, "another")
            answer = await http.get("/v1/staff?format=csv", headers=another)
            assert answer.status_code == 200
    finally:
        for connection in sockets:
            connection.close()
    async with asyncio.timeout(SOON):
        while app.state.resources[StreamingPlaces]._of:
            await asyncio.sleep(0.05)


async def test_services_have_a_turn_of_their_own(
    staffed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = app.state.resources[Database]
    monkeypatch.setattr(database.settings, "acquire_timeout", 0.1)
    service = claims(bureau=staffed.bureau, scopes=["staff:read"], name="service-appraisal")
    headers = {"Authorization": f"Bearer {sign(service | {'kind': 'client'})}"}
    async with AsyncExitStack() as stack:
        for number in range(database.settings.pool_size // 2 - 1):
            somebody = account(f"busy-{number}", staffed.bureau)
            await stack.enter_async_context(database.reading_long(somebody))
        mine = await staffed.call("GET", "/v1/staff?format=csv")
        answer = await staffed.client.get("/v1/staff?format=csv", headers=headers)
    assert (mine.status_code, answer.status_code) == (503, 200)


async def test_one_account_never_has_all_turns(
    staffed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = app.state.resources[Database]
    monkeypatch.setattr(database.settings, "acquire_timeout", 0.1)
    mine = account("greedy", staffed.bureau)
    async with AsyncExitStack() as stack:
        for _ in range(database.settings.pool_size // 4):
            await stack.enter_async_context(database.reading_long(mine))
        refused = await staffed.call("GET", "/v1/staff?format=csv", subject={"name": "greedy"})
        assert (refused.status_code, refused.json()["code"]) == (503, "platform.overloaded")
        answer = await staffed.call("GET", "/v1/staff?format=csv", subject={"name": "modest"})
        assert answer.status_code == 200
