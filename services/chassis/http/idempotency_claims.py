"""Claims of idempotency keys, the transactions that hold them, and stored answers.

A claim is a row. Its transaction does the work of the request and stores the answer, so all three
exist or none.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.core.errors import AppError, Conflict
from services.chassis.core.resources import Resources
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, Database, raw
from services.chassis.http.stored_responses import KEPT, Answer, Seal

# Longer than a usual write; a waiting request holds a connection.
_WAIT = "5s"
# Records in a response, so that it is deleted when one of them may no longer be shown.
_ID = re.compile(rb'"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')


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


ReplayGuard = Callable[[Conn, Caller, Sequence[UUID]], Awaitable[None]]


class ReplayGuards(tuple[ReplayGuard, ...]):
    """All guards of one service."""

    __slots__ = ()


async def require_replayable(
    resources: Resources, session: AsyncSession, caller: Caller, about: Sequence[UUID]
) -> None:
    """Raise the problem of a guard that forbids to show these records once more."""
    if about:
        for guard in resources[ReplayGuards]:
            await guard(await raw(session), caller, about)


class Repeated(Exception):
    """The request has been answered before."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Claim:
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


class Unit:
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
        self, opened: AsyncExitStack, resources: Resources, caller: Caller, claim: Claim
    ) -> None:
        self._opened, self._resources, self._caller = opened, resources, caller
        self._database, self._claim = resources[Database], claim
        self._session: AsyncSession | None = None

    async def look(self) -> None:
        """Raise Repeated if the request has been answered before, in a transaction of its own."""
        async with self._database.session(self._caller) as session:
            await self._require_new(session, await self._claim.find(session))

    async def open(self) -> AsyncSession:
        """Open the transaction and claim the key, once.

        Raises:
            Repeated: the request has been answered before.
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
            await require_replayable(self._resources, session, self._caller, about)
            raise Repeated(stored)


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
