"""One-time links: made for an account, and used once.

A browser sends no header with a plain download or an `EventSource`, and a token in an address
would stay in histories and logs. The secret in a link is good for one request within a minute. The
account is read again at that request, under the lock that also guards its sessions: an account
that has been disabled or has lost a role in between gets nothing that it no longer may.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from gateway.accounts.locking import lock_account
from gateway.links.errors import AccountsOnly, LinkNotFound, TooManyLinks
from gateway.links.models import LinkRead
from gateway.links.paths import check_path
from gateway.sessions.login import identity_of_account
from gateway.tokens import TokenIssuer
from services.chassis.audit.log import record
from services.chassis.core.errors import NotAuthenticated
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, Database

ADDRESS = "/v1/links/"
SECONDS = 60
MOST_UNUSED = 20
_LENGTH = 43  # 256 bits in base64url

_DELETE_EXPIRED = "delete from one_time_link where account_id = $1 and expires_at <= now()"
_COUNT = "select count(*) from one_time_link where account_id = $1"
_MAKE = """
insert into one_time_link (account_id, secret_hash, path, expires_at)
values ($1, $2, $3, clock_timestamp() + $4::interval) returning expires_at
"""
_OWNER = "select account_id from one_time_link where secret_hash = $1"
_USE = """
delete from one_time_link where secret_hash = $1 returning path, expires_at > clock_timestamp()
    as is_valid
"""


@dataclass(frozen=True, slots=True)
class Target:
    """The request that a link stands for.

    Attributes:
        path: path and query.
        token: an access token of the account that made the link.
    """

    path: str
    token: str


class Links:
    """Makes and uses one-time links.

    Args:
        database: the gateway's.
        issuer: of the tokens with which requests are carried on.
        services: path segments of the services.
    """

    def __init__(self, database: Database, issuer: TokenIssuer, services: Collection[str]) -> None:
        self._database, self._issuer, self._services = database, issuer, services

    async def make(self, caller: Caller, path: str) -> LinkRead:
        """A new link of the caller's account.

        Raises:
            AccountsOnly: the caller is a client.
            Invalid: the path is not of this platform.
            NotAuthenticated: the account has been disabled.
            TooManyLinks: too many are unused.
        """
        if caller.kind != "account":
            raise AccountsOnly
        check_path(path, self._services)
        secret = secrets.token_urlsafe(32)
        async with self._database.connection(caller) as connection:
            account = await lock_account(connection, UUID(caller.subject))
            if account is None or account["status"] != "active":
                raise NotAuthenticated(
                    reason_zh="账号已停用。", reason_en="The account is disabled."
                )
            await _leave_room(connection, account["id"])
            expires_at = await connection.fetchval(
                _MAKE, account["id"], _hash_of(secret), path, timedelta(seconds=SECONDS)
            )
            # Without the query, which may name a person.
            detail = {"path": path.partition("?")[0]}
            await record(connection, caller, "link", "links", detail=detail)
        return LinkRead(path=ADDRESS + secret, expires_at=expires_at)

    async def use(self, secret: str) -> Target:
        """The request behind a link, which then is used up.

        Raises:
            LinkNotFound: unknown, used, expired, withdrawn, or of a disabled account.
        """
        if len(secret) != _LENGTH or not secret.isascii():
            raise LinkNotFound
        signer = await self._issuer.signer()
        async with self._database.connection(None) as connection:
            owner = await connection.fetchval(_OWNER, _hash_of(secret))
            account: Any = await lock_account(connection, owner) if owner else None
            link = await connection.fetchrow(_USE, _hash_of(secret)) if account else None
        if link is None or not link["is_valid"] or account["status"] != "active":
            raise LinkNotFound
        token = replace(signer, lifetime_seconds=SECONDS).sign(identity_of_account(account))
        return Target(link["path"], token)


async def _leave_room(connection: Conn, account_id: UUID) -> None:
    """Delete expired links of a locked account, and count the others.

    Raises:
        TooManyLinks: too many are unused.
    """
    await connection.execute(_DELETE_EXPIRED, account_id)
    if await connection.fetchval(_COUNT, account_id) >= MOST_UNUSED:
        raise TooManyLinks(MOST_UNUSED, SECONDS)


def _hash_of(secret: str) -> bytes:
    """The stored hash of a secret; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
