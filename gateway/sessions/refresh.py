"""Refresh tokens: good for one use; a second use revokes everything that came of that login."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog

from gateway.sessions.errors import InvalidGrant
from services.chassis.database.db import Conn, Database

log = structlog.get_logger()

_PREFIX = "jhr_"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The account of a used token, and the token that takes its place."""

    account: Any
    token: str


async def start_family(connection: Conn, account_id: UUID, hours: float) -> str:
    """The first refresh token of a login; the whole family ends when this one would."""
    await connection.execute(
        "delete from refresh_token where account_id = $1 and expires_at < now()", account_id
    )
    return await _add(connection, account_id, uuid4(), datetime.now(UTC) + timedelta(hours=hours))


async def rotate(database: Database, token: str) -> Refreshed:
    """Exchange a refresh token for the next of its family.

    Raises:
        InvalidGrant: unknown, expired, used before, or its account is disabled.
    """
    # Raised after the transaction: what a reuse revokes must be committed.
    async with database.connection(None) as connection:
        refreshed = await _rotate(connection, token)
    if refreshed is None:
        raise InvalidGrant
    return refreshed


async def revoke(connection: Conn, token: str) -> None:
    """Forget the family of a token; unknown tokens are nothing to complain about (RFC 7009)."""
    await connection.execute(
        "delete from refresh_token where family = "
        "(select family from refresh_token where token_hash = $1)",
        _hash(token),
    )


async def _rotate(connection: Conn, token: str) -> Refreshed | None:
    row = await connection.fetchrow(
        "select * from refresh_token where token_hash = $1 for update", _hash(token)
    )
    if row is None or row["expires_at"] < datetime.now(UTC):
        return None
    if row["used_at"] is not None:
        await revoke(connection, token)
        log.warning("refresh token used twice, family revoked", account=str(row["account_id"]))
        return None
    account = await connection.fetchrow(
        "select * from account where id = $1 and status = 'active'", row["account_id"]
    )
    if account is None:
        return None
    await connection.execute("update refresh_token set used_at = now() where id = $1", row["id"])
    following = await _add(connection, account["id"], row["family"], row["expires_at"])
    return Refreshed(account, following)


async def _add(connection: Conn, account_id: UUID, family: UUID, expires_at: datetime) -> str:
    token = _PREFIX + secrets.token_urlsafe(32)
    await connection.execute(
        "insert into refresh_token (token_hash, family, account_id, expires_at) "
        "values ($1, $2, $3, $4)",
        _hash(token),
        family,
        account_id,
        expires_at,
    )
    return token


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
