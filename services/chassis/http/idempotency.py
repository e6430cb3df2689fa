"""`Idempotency-Key`: a repeated POST runs once and replays its response.

The key is claimed in the transaction that does the work, and the answer is stored in it before
it commits. A second request with the same key waits for that row and gets the stored answer; if
the first one failed, its claim is gone with everything else it did, and the second one works.
A route that calls another service first opens that transaction, and claims, only afterwards.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.core.errors import AppError, Conflict, NotAuthenticated
from services.chassis.core.resources import Resources, resources_of
from services.chassis.core.settings import Settings
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, current_caller
from services.chassis.database.db import Conn, Database, raw
from services.chassis.http.bodies import read_whole
from services.chassis.http.problems import problem_response
from services.chassis.http.route_rules import Body, RouteRule, rule_in
from services.chassis.http.stored_responses import Answer, Seal

HEADER = "Idempotency-Key"
KEPT = "24 hours"
# Longer than a usual write; a waiting request holds a connection.
_WAIT = "5s"
# Records in a response, so that it is deleted when one of them may no longer be shown.
_ID = re.compile(rb'"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')
# Records deleted in one transaction.
_AT_ONCE = 10_000


class IdempotencyKeyRequired(AppError):
    """This request requires a key, so that repeating it does no harm."""

    status = 400
    code = "platform.idempotency_key_required"
    title = Text("缺少 Idempotency-Key", "Idempotency-Key required")
    detail = Text(
        "请加上 Idempotency-Key 请求头（例如一个 UUID）；重发时用同一个值。",
        "Send an Idempotency-Key header (for example a UUID), and repeat it with retries.",
    )


class KeyReused(AppError):
    """The key was used for a different request."""

    status = 422
    code = "platform.idempotency_key_reused"
    title = Text("Idempotency-Key 已用于其他请求", "Idempotency-Key already used")
    detail = Text(
        "同一个 Idempotency-Key 只能用于完全相同的请求。",
        "An Idempotency-Key belongs to one request; use a new key for a different one.",
    )


class StillRunning(Conflict):
    """The first request with this key is still running."""

    code = "platform.idempotency_in_progress"
    title = Text("同一请求正在处理", "Request still running")
    detail = Text("请稍后用同一个键重试。", "Try again shortly with the same key.")


async def require_key(
    request: Request, _caller: Annotated[Caller, Depends(current_caller)]
) -> None:
    """A dependency of routes that must not be repeated accidentally (transitions, bulk jobs).

    Raises:
        IdempotencyKeyRequired: the request has no key, or an empty one.
    """
    if not request.headers.get(HEADER):
        raise IdempotencyKeyRequired


NeedsKey = Depends(require_key)


class Idempotency:
    """ASGI layer around the routes that handles every POST with a key."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, at most once per key.

        Raises:
            IdempotencyKeyRequired: the key is empty.
        """
        key = Headers(scope=scope).get(HEADER) if scope["type"] == "http" else None
        if key is None or not _is_kept_here(scope["method"], rule_in(scope)):
            await self._app(scope, receive, send)
            return
        try:
            caller = await current_caller(Request(scope))
        except NotAuthenticated:
            await self._app(scope, receive, send)  # the route reports the fault of the token
            return
        if not key:
            raise IdempotencyKeyRequired
        body = await read_whole(receive)
        await self._serve_once(caller, key, scope, body, send)

    async def _serve_once(
        self, caller: Caller, key: str, scope: Scope, body: bytes, send: Send
    ) -> None:
        resources = resources_of(Request(scope))
        seal = Seal(resources[Settings].answers_key, caller.subject, key)
        claim = _Claim(caller.subject, seal, seal.digest(_request(scope, caller, body)))
        answer = Answer()
        try:
            async with AsyncExitStack() as opened:
                unit = _Unit(opened, resources, caller, claim)
                try:
                    await self._serve_in(unit, scope, body, answer)
                except _Repeated as repeated:
                    answer = repeated.answer
        except _Failed:
            pass  # rolled back with its claim; the response has the reason
        except AppError as error:
            await problem_response(error, scope["path"])(scope, _replay_body(b""), send)
            return
        await answer.send(send)

    async def _serve_in(self, unit: "_Unit", scope: Scope, body: bytes, answer: Answer) -> None:
        rule, state = rule_in(scope), scope.setdefault("state", {})
        if rule.begins_later:
            await unit.look()
            state["begin"] = unit.begin
        else:
            state["unit"] = await unit.open()
        await self._app(scope, _replay_body(body), answer.record)
        if answer.status >= 400:
            raise _Failed
        await unit.keep(answer, is_stored=not rule.done_again)


# Raises a problem instead of replaying a response that shows one of these records.
ReplayGuard = Callable[[Conn, Caller, Sequence[UUID]], Awaitable[None]]


class ReplayGuards(tuple[ReplayGuard, ...]):
    """All guards of one service."""

    __slots__ = ()


async def _require_replayable(
    resources: Resources, session: AsyncSession, caller: Caller, about: Sequence[UUID]
) -> None:
    if about:
        for guard in resources[ReplayGuards]:
            await guard(await raw(session), caller, about)


def _is_kept_here(method: str, rule: RouteRule) -> bool:
    """Whether this layer stores the response and holds the body in memory; never for a file."""
    return method == "POST" and rule.body is Body.DATA and not (rule.is_open or rule.keeps_keys)


class _Failed(Exception):
    """The response is a problem, so everything is rolled back."""


class _Repeated(Exception):
    """The request has been answered before."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class _Claim:
    """One key of one caller for one request.

    Attributes:
        about: the records that the stored answer shows, once `take` has found one.
    """

    def __init__(self, subject: str, seal: Seal, digest: bytes) -> None:
        self._subject, self._seal, self._digest = subject, seal, digest
        self.about: Sequence[UUID] = ()

    async def find(self, session: AsyncSession) -> Answer | None:
        """The stored response if the key has been used before; nothing is claimed.

        Raises:
            KeyReused: for another request.
        """
        return await self._stored(await raw(session))

    async def take(self, session: AsyncSession) -> Answer | None:
        """Claim the key; returns the stored response if it was used before.

        Raises:
            KeyReused: for another request.
            StillRunning: its first request does not end in time.
        """
        connection = await raw(session)
        await connection.execute(f"set local lock_timeout = '{_WAIT}'")
        try:
            is_ours = await connection.fetchval(_TAKE, self._subject, self._seal.name, self._digest)
        except asyncpg.LockNotAvailableError as error:
            raise StillRunning from error
        await connection.execute("set local lock_timeout = 0")
        if is_ours:
            return None
        if (stored := await self._stored(connection)) is None:
            raise StillRunning
        return stored

    async def _stored(self, connection: Any) -> Answer | None:
        row = await connection.fetchrow(_FIND, self._subject, self._seal.name)
        if row is None:
            return None
        if row["digest"] != self._digest:
            raise KeyReused
        self.about = row["about"] or ()
        return self._seal.open(row["answer"], self._digest)

    async def drop(self, session: AsyncSession) -> None:
        """Store nothing, not even the digest of the request; a repetition runs again."""
        await session.flush()
        await (await raw(session)).execute(
            "delete from idempotency where subject = $1 and sealed_key = $2",
            self._subject,
            self._seal.name,
        )

    async def store(self, session: AsyncSession, answer: Answer) -> None:
        """Store the response in the transaction of the request."""
        await session.flush()
        await (await raw(session)).execute(
            "update idempotency set answer = $3, about = $4::text[]::uuid[] "
            "where subject = $1 and sealed_key = $2",
            self._subject,
            self._seal.name,
            self._seal.close(answer, self._digest),
            sorted({found.decode() for found in _ID.findall(answer.body)}),
        )


class _Unit:
    """The transaction of a request with a key, which claims the key when it is opened.

    It is open before the route runs. A route that does something slow first opens it later; only
    whether the request has been answered before is looked up at once.

    Args:
        opened: keeps the transaction until the response is stored.
        resources: of the service.
        caller: who sends the request.
        claim: of the key.
    """

    def __init__(
        self, opened: AsyncExitStack, resources: Resources, caller: Caller, claim: _Claim
    ) -> None:
        self._opened, self._resources, self._caller = opened, resources, caller
        self._database, self._claim = resources[Database], claim
        self._session: AsyncSession | None = None

    async def look(self) -> None:
        """Raise _Repeated if the request has been answered before, in a transaction of its own."""
        async with self._database.session(self._caller) as session:
            await self._require_new(session, await self._claim.find(session))

    async def open(self) -> AsyncSession:
        """Open the transaction and claim the key, once.

        Raises:
            _Repeated: the request has been answered before.
        """
        if self._session is None:
            session = await self._opened.enter_async_context(self._database.session(self._caller))
            await self._require_new(session, await self._claim.take(session))
            self._session = session
        return self._session

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """The transaction as routes use it; it ends after the route."""
        yield await self.open()

    async def keep(self, answer: Answer, *, is_stored: bool) -> None:
        """Store the response, or drop the claim."""
        session = await self.open()
        if is_stored:
            await self._claim.store(session, answer)
        else:
            await self._claim.drop(session)

    async def _require_new(self, session: AsyncSession, stored: Answer | None) -> None:
        if stored is not None:
            about = self._claim.about
            await _require_replayable(self._resources, session, self._caller, about)
            raise _Repeated(stored)


_FIND = f"""
select digest, answer, about from idempotency
where subject = $1 and sealed_key = $2 and answer is not null
    and created_at >= now() - interval '{KEPT}'
"""
# An expired key is free, whether or not its record has been deleted.
_TAKE = f"""
insert into idempotency (subject, sealed_key, digest) values ($1, $2, $3)
on conflict (subject, sealed_key) do update
    set digest = excluded.digest, answer = null, created_at = excluded.created_at
    where idempotency.created_at < now() - interval '{KEPT}'
returning true
"""
_FORGET = f"""
delete from idempotency where ctid = any(array(
    select ctid from idempotency where created_at < now() - interval '{KEPT}'
    order by created_at limit {_AT_ONCE} for update skip locked))
"""


async def forget_answers_about(connection: Conn, ids: Sequence[UUID]) -> None:
    """Delete every stored response that shows one of these records, for all callers.

    Its request, sent again, is a new one.

    Args:
        connection: as the service itself.
        ids: of records that no answer may show any more.
    """
    await connection.execute("delete from idempotency where about && $1::uuid[]", list(ids))


async def forget_expired_answers(database: Database) -> int:
    """Delete expired responses; returns their number."""
    forgotten, is_more = 0, True
    while is_more:
        async with database.connection(None) as connection:
            done = await connection.execute(_FORGET)
        count = int(done.rpartition(" ")[2])
        forgotten, is_more = forgotten + count, count == _AT_ONCE
    return forgotten


def _replay_body(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _request(scope: Scope, caller: Caller, body: bytes) -> bytes:
    """Digest of a request: path, content, and the bureau whose data it uses."""
    kind = Headers(scope=scope).get("content-type", "")
    head = f"{scope['path']}?{scope['query_string'].decode('latin-1')}\n{kind}\n"
    head += f"{caller.bureau} {caller.schools} {sorted(caller.scopes)}\n"
    return head.encode() + body
