"""Real servers on real sockets, in the loop of the tests."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Any

import uvicorn

from services.chassis.http.protocol import ProblemProtocol

# For clients of addresses without TLS: the usual one takes 20 ms to read the trusted certificates.
NO_TLS = SSLContext(PROTOCOL_TLS_CLIENT)


class _Server(uvicorn.Server):
    """uvicorn, leaving the signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@asynccontextmanager
async def serving(app: Any, lifespan: Any = "on") -> AsyncIterator[str]:
    """Serve an ASGI application; the address, once it listens."""
    port = free_port()
    server = _Server(
        uvicorn.Config(
            app,
            port=port,
            http=ProblemProtocol,
            lifespan=lifespan,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), "the server did not start"
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(handler: Handler) -> AsyncIterator[str]:
    """A bare TCP server, for answers that no HTTP server would give."""
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield f"http://127.0.0.1:{port}"


async def exchange(address: str, request: bytes) -> bytes:
    """Send bytes, and read until the other side hangs up."""
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer
