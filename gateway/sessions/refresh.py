"""Refresh tokens: each is exchanged once, and a later second use ends its session.

A client that lost the response, or two tabs of one browser, may send the same token twice within
moments. So for some seconds the previous token gets the identical response again. It is stored
encrypted with a key derived from that token, which itself is not stored.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag

from gateway.accounts.locking import lock_account
from gateway.sessions.answers import tokens_for
from gateway.sessions.errors import InvalidGrant
from gateway.sessions.login import identity_of_account
from gateway.sessions.models import TokenAnswer
from gateway.sessions.refresh_tokens import hash_of, new_token, session_of
from gateway.sessions.store import end_session
from gateway.settings import GatewaySettings
from gateway.tokens import Signer, TokenIssuer
from services.chassis.database.db import Conn, Database
from services.chassis.http.stored_responses import Seal

log = structlog.get_logger()

_OWNER = "select account_id from login_session where id = $1"
_FIND = """
select token_hash, previous_hash, answer, rotated_at > clock_timestamp() - $2::interval as is_fresh
from login_session where id = $1 and expires_at > clock_timestamp()
"""
_ROTATE = """
update login_session set token_hash = $2, previous_hash = $3, answer = $4,
    rotated_at = clock_timestamp(), updated_at = now(), version = version + 1
where id = $1
"""


@dataclass(slots=True)
class Outcome:
    """Result of an exchange, evaluated after the transaction, which must commit an ended session.

    Attributes:
        tokens: the response.
        ended: the account whose session was ended because of a reuse.
    """

    tokens: TokenAnswer | None = None
    ended: str | None = None


class Refreshes:
    """Exchanges refresh tokens and ends their sessions."""

    def __init__(self, database: Database, issuer: TokenIssuer, settings: GatewaySettings) -> None:
        self._database, self._issuer = database, issuer
        self._secret = settings.answers_key
        self._replay = timedelta(seconds=settings.refresh_replay_seconds)

    async def exchange(self, token: str) -> TokenAnswer:
        """A new access token and the next refresh token.

        Raises:
            InvalidGrant: the token is unknown, expired or already used.
        """
        session_id, signer = session_of(token), await self._issuer.signer()
        outcome = Outcome()
        if session_id:
            async with self._database.connection(None) as connection:
                outcome = await self._exchange(connection, session_id, token, signer)
        if outcome.ended:
            log.warning("refresh token used again, session ended", account=outcome.ended)
        if outcome.tokens is None:
            raise InvalidGrant
        return outcome.tokens

    async def revoke(self, token: str) -> None:
        """End the session of a token; an unknown one is no error (RFC 7009)."""
        session_id = session_of(token)
        if session_id is None:
            return
        async with self._database.connection(None) as connection:
            if await _lock_owner(connection, session_id):
                await end_session(connection, session_id)

    async def _exchange(
        self, connection: Conn, session_id: UUID, token: str, signer: Signer
    ) -> Outcome:
        account = await _lock_owner(connection, session_id)
        session = await connection.fetchrow(_FIND, session_id, self._replay)
        if account is None or account["status"] != "active" or session is None:
            return Outcome()
        given = hash_of(token)
        if given == session["token_hash"]:
            return Outcome(await self._rotate(connection, session_id, token, account, signer))
        if given == session["previous_hash"] and session["is_fresh"]:
            answer = self._opened(session_id, token, session["answer"])
            if answer:
                return Outcome(answer)
        await end_session(connection, session_id)
        return Outcome(ended=str(account["id"]))

    async def _rotate(
        self, connection: Conn, session_id: UUID, token: str, account: Any, signer: Signer
    ) -> TokenAnswer:
        following = new_token(session_id)
        answer = tokens_for(signer, identity_of_account(account), following)
        kept = self._sealed(session_id, token, answer) if self._replay else None
        hashes = hash_of(following), hash_of(token)
        await connection.execute(_ROTATE, session_id, *hashes, kept)
        return answer

    def _sealed(self, session_id: UUID, token: str, answer: TokenAnswer) -> bytes:
        seal = Seal(self._secret, f"session {session_id}", token)
        return seal.wrap(answer.model_dump_json().encode(), session_id.bytes)

    def _opened(self, session_id: UUID, token: str, kept: bytes | None) -> TokenAnswer | None:
        """The stored response for a token; None if there is none that can be decrypted."""
        if kept is None:
            return None
        seal = Seal(self._secret, f"session {session_id}", token)
        try:
            return TokenAnswer.model_validate_json(seal.unwrap(kept, session_id.bytes))
        except InvalidTag:
            return None  # the server's part of the key has been replaced


async def _lock_owner(connection: Conn, session_id: UUID) -> Any:
    """The row of a session's account, locked; None if there is no such session."""
    account_id = await connection.fetchval(_OWNER, session_id)
    return await lock_account(connection, account_id) if account_id else None
