"""Password login, with counting of failures and locking of accounts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from gateway.accounts.locking import lock_account_named
from gateway.passwords import Passwords
from gateway.roles import scopes_of
from gateway.sessions.answers import tokens_for
from gateway.sessions.errors import AccountLocked, LoginFailed
from gateway.sessions.models import TokenAnswer
from gateway.sessions.store import begin_session
from gateway.settings import GatewaySettings
from gateway.tokens import Identity, Signer, TokenIssuer
from services.chassis.database.db import Conn, Database

log = structlog.get_logger()


@dataclass(slots=True)
class Outcome:
    """Result of an attempt, evaluated after the transaction, which must commit counted failures.

    Attributes:
        account: the row, if the password is right.
        tokens: the response to a login.
        locked_seconds: how long the account stays locked after earlier failures.
        locks: id of the account, if this failure has locked it.
    """

    account: Any = None
    tokens: TokenAnswer | None = None
    locked_seconds: int = 0
    locks: str | None = None


class Logins:
    """Checks passwords one at a time per account."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        issuer: TokenIssuer,
        settings: GatewaySettings,
    ) -> None:
        self._database, self._passwords = database, passwords
        self._issuer, self._settings = issuer, settings

    async def log_in(self, username: str, password: str) -> TokenAnswer:
        """The tokens of a new session.

        The session begins under the lock under which the password was verified: a change of
        password ends it, or comes first.

        Raises:
            LoginFailed: wrong, unknown or disabled.
            AccountLocked: too many failures before.
        """
        outcome = await self._check(username, password, await self._issuer.signer())
        assert outcome.tokens
        return outcome.tokens

    async def authenticate(self, username: str, password: str) -> Any:
        """The account row, if the password is right.

        Raises:
            LoginFailed: wrong, unknown or disabled.
            AccountLocked: too many failures before.
        """
        return (await self._check(username, password, None)).account

    async def _check(self, username: str, password: str, signer: Signer | None) -> Outcome:
        async with self._passwords.turn(), self._database.connection(None) as connection:
            outcome = await self._attempt(connection, username.strip().lower(), password)
            if outcome.account and signer:
                outcome.tokens = await self._begin(connection, outcome.account, signer)
        if outcome.locks:
            log.warning("account locked", account=outcome.locks)
        if outcome.locked_seconds:
            raise AccountLocked(outcome.locked_seconds)
        if outcome.account is None:
            raise LoginFailed
        return outcome

    async def _attempt(self, connection: Conn, username: str, password: str) -> Outcome:
        """Check one attempt; the row stays locked, so parallel attempts are counted one by one."""
        account = await lock_account_named(connection, username)
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
        if failures < self._settings.login_attempts:
            await self._count(connection, account, failures, None)
            return Outcome()
        until = now + timedelta(minutes=self._settings.lock_minutes)
        await self._count(connection, account, 0, until)
        return Outcome(locks=str(account["id"]))

    async def _begin(self, connection: Conn, account: Any, signer: Signer) -> TokenAnswer:
        hours = self._settings.refresh_token_hours
        refresh = await begin_session(connection, account["id"], hours)
        return tokens_for(signer, identity_of_account(account), refresh)

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
    """The identity in a token for this account row."""
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
