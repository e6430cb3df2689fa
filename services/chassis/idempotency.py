"""`Idempotency-Key`: a POST that is sent again is answered again, and done once.

The key is claimed in the transaction that does the work, and the answer is stored in it before
it commits. A second request with the same key waits for that row and gets the stored answer; if
the first one failed, its claim is gone with everything else it did, and the second one works.
"""

import hashlib
from typing import Annotated, Any

import asyncpg
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.auth import Caller, current_caller
from services.chassis.db import Database, raw
from services.chassis.errors import AppError, Conflict, Fault, Invalid, NotAuthenticated
from services.chassis.problems import problem_response
from services.chassis.text import Text

HEADER = "Idempotency-Key"
MAX_KEY = 255
KEPT = "24 hours"
# Longer than a usual write; whoever waits holds a connection.
_WAIT = "5s"
_STORED_HEADERS = frozenset({b"content-type", b"etag", b"location", b"content-language"})


class IdempotencyKeyRequired(AppError):
    """This request must carry a key, so that repeating it does no harm."""

    status = 400
    code = "platform.idempotency_key_required"
    title = Text("缺少 Idempotency-Key", "Idempotency-Key required")
    detail = Text(
        "请加上 Idempotency-Key 请求头(例如一个 UUID);重发时用同一个值。",
        "Send an Idempotency-Key header (a UUID, say); when you repeat, the same one.",
    )


class KeyReused(AppError):
    """The key was used for another request."""

    status = 422
    code = "platform.idempotency_key_reused"
    title = Text("Idempotency-Key 已用于其他请求", "Idempotency-Key used")
    detail = Text(
        "同一个 Idempotency-Key 只能用于完全相同的请求。",
        "One Idempotency-Key belongs to one request; use a new key for another.",
    )


class StillRunning(Conflict):
    """The first request with this key has not ended."""

    code = "platform.idempotency_in_progress"
    title = Text("同一请求正在处理", "Still running")
    detail = Text("请稍后用同一个键重试。", "Try again shortly with the same key.")


async def require_key(
    request: Request, _caller: Annotated[Caller, Depends(current_caller)]
) -> None:
    """A dependency of routes that must not be repeated by accident (transitions, bulk jobs).

    Raises:
        IdempotencyKeyRequired: the request has no key.
    """
    if HEADER not in request.headers:
        raise IdempotencyKeyRequired


NeedsKey = Depends(require_key)


class Idempotency:
    """ASGI layer around the routes: handles every POST that carries a key."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, at most once per key."""
        key = Headers(scope=scope).get(HEADER) if scope["type"] == "http" else None
        if key is None or scope["method"] != "POST" or not _is_kept_here(scope["path"]):
            await self._app(scope, receive, send)
            return
        if not 0 < len(key) <= MAX_KEY:
            fault = Fault("/Idempotency-Key", "idempotency_key.length", _TOO_LONG, {})
            await problem_response(Invalid([fault]), scope["path"])(scope, receive, send)
            return
        try:
            caller = await current_caller(Request(scope))
        except NotAuthenticated:
            await self._app(scope, receive, send)  # the route says what is wrong with the token
            return
        body = await _read(receive)
        await self._serve_once(_Claim(key, caller, _digest(scope, caller, body)), scope, body, send)

    async def _serve_once(self, claim: "_Claim", scope: Scope, body: bytes, send: Send) -> None:
        database: Database = scope["app"].state.database
        answer = _Answer()
        try:
            async with database.session(claim.caller) as session:
                stored = await claim.take(session)
                if stored is None:
                    scope.setdefault("state", {})["unit"] = session
                    await self._app(scope, _replay_body(body), answer.record)
                    if answer.status >= 400:
                        raise _Failed
                    if answer.is_secret:
                        await claim.drop(session)
                    else:
                        await claim.store(session, answer)
                else:
                    answer = stored
        except _Failed:
            pass  # rolled back, the claim too; the answer says why
        except AppError as error:
            await problem_response(error, scope["path"])(scope, _replay_body(b""), send)
            return
        await answer.send(send)


# Their bodies are too large to be held, and their keys are kept with what they open; a preview
# opens nothing, and of its answer nothing may be kept.
_KEPT_BY_ROUTE = frozenset({"/v1/imports", "/v1/imports:preview", "/v1/exports"})


def _is_kept_here(path: str) -> bool:
    return path.startswith("/v1/") and path not in _KEPT_BY_ROUTE


_TOO_LONG = Text("长度应为 1 到 255", "Must have 1 to 255 characters")


class _Failed(Exception):
    """The request was answered with a problem: everything is rolled back."""


class _Answer:
    """An answer held back until its transaction has committed."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    @property
    def is_secret(self) -> bool:
        """The route forbids keeping it: it shows a secret, or personal data in full."""
        return (b"cache-control", b"no-store") in self.headers

    async def record(self, message: Message) -> None:
        """Take in one ASGI message."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def send(self, send: Send) -> None:
        """Give the answer."""
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        await send(start)
        await send({"type": "http.response.body", "body": self.body})


class _Claim:
    """One key of one caller for one request."""

    def __init__(self, key: str, caller: Caller, digest: bytes) -> None:
        self.key, self.caller, self.digest = key, caller, digest

    async def take(self, session: AsyncSession) -> _Answer | None:
        """Claim the key; the stored answer when it was used before.

        Raises:
            KeyReused: for another request.
            StillRunning: its first request does not end in time.
        """
        connection = await raw(session)
        await connection.execute(
            "delete from idempotency "
            "where subject = $1 and created_at < now() - $2::text::interval",
            self.caller.subject,
            KEPT,
        )
        await connection.execute(f"set local lock_timeout = '{_WAIT}'")
        try:
            is_ours = await connection.fetchval(
                "insert into idempotency (subject, key, digest) values ($1, $2, $3) "
                "on conflict do nothing returning true",
                self.caller.subject,
                self.key,
                self.digest,
            )
        except asyncpg.LockNotAvailableError as error:
            raise StillRunning from error
        await connection.execute("set local lock_timeout = 0")
        return None if is_ours else await self._stored(connection)

    async def _stored(self, connection: Any) -> _Answer:
        row = await connection.fetchrow(
            "select digest, status, headers::text, body from idempotency "
            "where subject = $1 and key = $2",
            self.caller.subject,
            self.key,
        )
        if row is None:
            raise StillRunning
        if row["digest"] != self.digest:
            raise KeyReused
        answer = _Answer()
        answer.status, answer.body = row["status"], row["body"]
        pairs = [line.split(":", 1) for line in row["headers"].split("\n") if line]
        answer.headers = [(name.encode(), value.encode()) for name, value in pairs]
        answer.headers.append((b"idempotent-replayed", b"true"))
        return answer

    async def drop(self, session: AsyncSession) -> None:
        """Keep nothing, not even the digest of the request; repeated, it is done again."""
        await session.flush()
        await (await raw(session)).execute(
            "delete from idempotency where subject = $1 and key = $2",
            self.caller.subject,
            self.key,
        )

    async def store(self, session: AsyncSession, answer: _Answer) -> None:
        """Keep the answer, in the transaction that did the work."""
        kept = "\n".join(
            f"{name.decode()}:{value.decode()}"
            for name, value in answer.headers
            if name.lower() in _STORED_HEADERS
        )
        await session.flush()
        connection = await raw(session)
        await connection.execute(
            "update idempotency set status = $3, headers = $4, body = $5 "
            "where subject = $1 and key = $2",
            self.caller.subject,
            self.key,
            answer.status,
            kept,
            answer.body,
        )


async def _read(receive: Receive) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def _replay_body(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _digest(scope: Scope, caller: Caller, body: bytes) -> bytes:
    """What makes two requests the same: address, content, and on whose data they work."""
    kind = Headers(scope=scope).get("content-type", "")
    head = f"{scope['path']}?{scope['query_string'].decode('latin-1')}\n{kind}\n"
    head += f"{caller.bureau} {caller.schools} {sorted(caller.scopes)}\n"
    return hashlib.sha256(head.encode() + body).digest()
