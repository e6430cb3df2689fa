"""Passwords against stored hashes, with failures counted and accounts locked."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from gateway.passwords import Passwords
from gateway.roles import scopes_of
from gateway.sessions.errors import AccountLocked, LoginFailed
from gateway.settings import GatewaySettings
from gateway.tokens import Identity
from services.chassis.database.db import Conn, Database

log = structlog.get_logger()

_BY_NAME = "select * from account where username = $1 for update"


@dataclass(slots=True)
class Outcome:
    """Known after the transaction, because a counted failure must be committed."""

    account: Any = None
    locked_seconds: int = 0


class Logins:
    """Checks passwords one at a time per account."""

    def __init__(self, database: Database, passwords: Passwords, settings: GatewaySettings) -> None:
        self._database, self._passwords, self._settings = database, passwords, settings

    async def authenticate(self, username: str, password: str) -> Any:
        """The account row, if the password is right.

        The row stays locked meanwhile: parallel guesses are counted one after another.

        Raises:
            LoginFailed: wrong, unknown or disabled.
            AccountLocked: too many failures before.
        """
        async with self._passwords.turn(), self._database.connection(None) as connection:
            outcome = await self._attempt(connection, username.strip().lower(), password)
        if outcome.locked_seconds:
            raise AccountLocked(outcome.locked_seconds)
        if outcome.account is None:
            raise LoginFailed
        return outcome.account

    async def _attempt(self, connection: Conn, username: str, password: str) -> Outcome:
        account = await connection.fetchrow(_BY_NAME, username)
        now = datetime.now(UTC)
        if account and account["locked_until"] and account["locked_until"] > now:
            left = (account["locked_until"] - now).total_seconds()
            return Outcome(locked_seconds=int(left) + 1)
        stored = account["password_hash"] if account else None
        is_right = await self._passwords.verify(stored, password)
        if account is None or account["status"] != "active":
            return Outcome()
        if is_right:
            if account["failed_logins"] or account["locked_until"]:
                await self._count(connection, account, 0, None)
            return Outcome(account)
        failures = account["failed_logins"] + 1
        if failures >= self._settings.login_attempts:
            until = now + timedelta(minutes=self._settings.lock_minutes)
            await self._count(connection, account, 0, until)
            log.warning("account locked", account=str(account["id"]))
        else:
            await self._count(connection, account, failures, None)
        return Outcome()

    async def _count(
        self, connection: Conn, account: Any, failures: int, until: datetime | None
    ) -> None:
        await connection.execute(
            "update account set failed_logins = $2, locked_until = $3 where id = $1",
            account["id"],
            failures,
            until,
        )


def identity_of_account(account: Any) -> Identity:
    """Whom a token for this account row names."""
    return Identity(
        subject=str(account["id"]),
        kind="account",
        name=account["username"],
        bureau=account["bureau_code"],
        schools=account["schools"],
        staff_no=account["staff_no"],
        roles=account["roles"],
        scopes=scopes_of(account["roles"]),
    )
