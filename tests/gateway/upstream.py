"""A service to stand behind the gateway: it shows what arrived, and answers in odd ways."""

import asyncio
import hashlib
import json
from typing import Any

from starlette.types import Message, Receive, Scope, Send

CHUNK = b"0123456789abcdef" * 4096
BIG_CHUNKS = 320


class Upstream:
    """An ASGI application with one method per address `/v1/<name>`."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.waiting = 0
        self.interrupted = asyncio.Event()
        self.may_go_on = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        assert scope["type"] == "http"
        self.requests.append(f"{scope['method']} {scope['raw_path'].decode()}")
        answer = getattr(self, scope["path"].split("/")[2], self.show)
        await answer(scope, receive, send)

    async def show(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What arrived, as JSON."""
        digest, size = hashlib.sha256(), 0
        async for chunk in body_of(receive):
            digest.update(chunk)
            size += len(chunk)
        shown = {
            "method": scope["method"],
            "path": scope["raw_path"].decode(),
            "query": scope["query_string"].decode(),
            "headers": [[k.decode(), v.decode("latin-1")] for k, v in scope["headers"]],
            "size": size,
            "sha256": digest.hexdigest(),
        }
        await reply(send, 200, json.dumps(shown).encode())

    async def echo(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The body, sent back while it is still arriving."""
        await send({"type": "http.response.start", "status": 200, "headers": []})
        async for chunk in body_of(receive):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def big(self, scope: Scope, receive: Receive, send: Send) -> None:
        """20 MB; notices when nobody reads on."""
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(BIG_CHUNKS):
            await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def endless(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Chunks until the reader goes away."""
        gone = asyncio.create_task(self._wait_for_disconnect(receive))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not gone.done():
            await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
            await asyncio.sleep(0)
        self.interrupted.set()

    async def broken(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Half of what was promised."""
        length = [(b"content-length", str(2 * len(CHUNK)).encode())]
        chunked = scope["query_string"] == b"chunked"
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [] if chunked else length,
            }
        )
        await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
        await asyncio.sleep(0.05)
        raise ConnectionAbortedError("on purpose")

    async def refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A problem, without reading the body."""
        await reply(send, 415, b'{"code":"no"}', (b"content-type", b"application/problem+json"))

    async def hop(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Headers that belong to one connection only."""
        await reply(
            send,
            200,
            b"{}",
            (b"connection", b"x-private"),
            (b"x-private", b"1"),
            (b"keep-alive", b"timeout=9"),
            (b"x-public", b"\xe5\xad\xa6\xe6\xa0\xa1"),
            (b"x-request-id", b"not-the-gateways"),
            (b"set-cookie", b"a=1"),
            (b"set-cookie", b"b=2"),
        )

    async def linked(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A page with a link to the next one, which repeats the query."""
        link = b'<?%s&cursor=x>; rel="next"' % scope["query_string"]
        await reply(send, 200, b"{}", (b"link", link))

    async def zipped(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Bytes that say they are compressed: they pass untouched."""
        await reply(send, 200, b"\x1f\x8b not really", (b"content-encoding", b"gzip"))

    async def nothing(self, scope: Scope, receive: Receive, send: Send) -> None:
        """No content."""
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def slow(self, scope: Scope, receive: Receive, send: Send) -> None:
        """No answer before the test says so."""
        await self.may_go_on.wait()
        await reply(send, 200, b"{}")

    async def changes(self, scope: Scope, receive: Receive, send: Send) -> None:
        """No answer at all; notices when nobody waits any more."""
        self.waiting += 1
        try:
            await self._wait_for_disconnect(receive)
        finally:
            self.waiting -= 1

    async def imports(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Of an import's events, a stream that only shows that it is alive; else what arrived."""
        if not scope["path"].endswith("/events"):
            await self.show(scope, receive, send)
            return
        self.waiting += 1
        gone = asyncio.create_task(self._wait_for_disconnect(receive))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not gone.done():
            await send({"type": "http.response.body", "body": b": \n\n", "more_body": True})
            await asyncio.wait({gone}, timeout=0.3)
        self.waiting -= 1

    async def _wait_for_disconnect(self, receive: Receive) -> None:
        message: Message = {"type": ""}
        while message["type"] != "http.disconnect":
            message = await receive()


async def body_of(receive: Receive) -> Any:
    """The chunks of a request's body."""
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def reply(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """A whole answer."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})
