"""Signing keys in the database, and their cache in this process.

The first start creates a key under a lock; later starts find it. Two keys can be active: after a
rotation the old one verifies tokens until all tokens signed with it have expired.
"""

import time
from typing import Any

import orjson

from gateway.keys.errors import RotationTooSoon
from gateway.keys.pair import new_key_pair, unwrap, wrap
from services.chassis.database.db import Conn, Database

_LOCK = 0x6B657973  # "keys"
# Longer than the lifetime of a token plus the time until other processes see a rotation.
_RETIREMENT = "interval '1 hour'"
_REFRESH_SECONDS = 30.0
_MISS_SECONDS = 2.0
_LIVE = f"retired_at is null or retired_at > now() - {_RETIREMENT}"


class SigningKeys:
    """Active keys, read again every half minute or for an unknown key id."""

    def __init__(self, database: Database, master_key: bytes) -> None:
        self._database = database
        self._master_key = master_key
        self._public: dict[str, dict[str, Any]] = {}
        self._current: tuple[str, dict[str, Any]] | None = None
        self._read_at = float("-inf")

    async def ensure(self, connection: Conn) -> None:
        """Create the first key if there is none; the caller's transaction holds the lock."""
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        if not await connection.fetchval("select count(*) from signing_key"):
            await self._add(connection)

    async def current(self) -> tuple[str, dict[str, Any]]:
        """Id and private JWK of the signing key."""
        await self._refresh(_REFRESH_SECONDS)
        assert self._current
        return self._current

    async def public_key(self, kid: str) -> dict[str, Any] | None:
        """The active public key `kid`, if there is one."""
        await self._refresh(_REFRESH_SECONDS if kid in self._public else _MISS_SECONDS)
        return self._public.get(kid)

    async def public_keys(self) -> list[dict[str, Any]]:
        """All active public keys, newest first."""
        await self._refresh(_REFRESH_SECONDS)
        return list(self._public.values())

    async def rotate(self, connection: Conn) -> str:
        """Sign with a new key from now on.

        Raises:
            RotationTooSoon: two keys are active.
        """
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        if await connection.fetchval(f"select count(*) from signing_key where {_LIVE}") > 1:
            raise RotationTooSoon
        await connection.execute(
            "update signing_key set retired_at = now() where retired_at is null"
        )
        self._read_at = float("-inf")
        return await self._add(connection)

    async def _add(self, connection: Conn) -> str:
        pair = new_key_pair()
        await connection.execute(
            "insert into signing_key (kid, public_jwk, wrapped) values ($1, $2, $3)",
            pair.kid,
            orjson.dumps(pair.public).decode(),  # both database drivers accept JSON as text
            wrap(pair, self._master_key),
        )
        return pair.kid

    async def _refresh(self, older_than: float) -> None:
        if time.monotonic() - self._read_at < older_than:
            return
        async with self._database.connection(None) as connection:
            rows = await connection.fetch(
                "select kid, public_jwk, wrapped, retired_at from signing_key "
                f"where {_LIVE} order by created_at desc, id desc"
            )
        self._public = {row["kid"]: row["public_jwk"] for row in rows}
        signing = next(row for row in rows if row["retired_at"] is None)
        if self._current is None or self._current[0] != signing["kid"]:
            private = unwrap(signing["kid"], signing["wrapped"], self._master_key)
            self._current = signing["kid"], private
        self._read_at = time.monotonic()
