"""Authentication of API clients, and the scopes of their tokens."""

import hmac
from typing import Any

from gateway.accounts.locking import lock_client
from gateway.clients.service import secret_hash
from gateway.oauth.credentials import Credentials
from gateway.oauth.errors import InvalidClient, InvalidScope, InvalidTokenRequest
from gateway.roles import EVERYONE, SERVICE_SCOPES, Role
from gateway.sessions.answers import tokens_for
from gateway.sessions.models import TokenAnswer
from gateway.tokens import Identity, Signer
from services.chassis.database.db import Conn, Database

_FIND = """
    select c.*, array(select secret_hash from client_secret where client_row = c.id) as hashes
    from client c where client_id = $1 and status = 'active'
"""


async def token_of_client(
    database: Database, signer: Signer, given: Credentials, bureau: str | None, scope: str | None
) -> TokenAnswer:
    """An access token for an authenticated client.

    Args:
        database: the gateway's.
        signer: signs the token.
        given: id and secret of the client.
        bureau: the requested bureau.
        scope: the requested scopes.

    Raises:
        InvalidClient: unknown, disabled, or the secret is wrong.
        InvalidTokenRequest: the bureau is missing or not the client's.
        InvalidScope: the client does not have a requested scope.
    """
    async with database.connection(None) as connection:
        await _authenticate(connection, given)
        # Checked again under the lock, which requires a valid secret: once the secret is deleted or
        # the client disabled, no token is signed.
        await lock_client(connection, given.client_id)
        client = await _authenticate(connection, given)
        return tokens_for(signer, identity_of_client(client, bureau, scope), None)


async def _authenticate(connection: Conn, given: Credentials) -> Any:
    """The client row, if the secret is one of its active ones."""
    client = await connection.fetchrow(_FIND, given.client_id)
    hashed = secret_hash(given.secret)
    # Every stored hash is compared, or a dummy if there is none, whatever the outcome.
    stored = client["hashes"] if client else [bytes(len(hashed))]
    matches = [hmac.compare_digest(hashed, known) for known in stored]
    if client is None or not any(matches):
        raise InvalidClient
    return client


def identity_of_client(client: Any, bureau: str | None, scope: str | None) -> Identity:
    """The identity in a token for this client row.

    Args:
        client: the authenticated client.
        bureau: the requested bureau; required for services, fixed for other clients.
        scope: the requested scopes; by default all scopes of the client.

    Raises:
        InvalidTokenRequest: the bureau is missing or not the client's.
        InvalidScope: the client does not have a requested scope.
    """
    if client["is_service"] and bureau is None:
        raise InvalidTokenRequest(parameter="bureau")
    if not client["is_service"] and bureau not in (None, client["bureau_code"]):
        raise InvalidTokenRequest(parameter="bureau")
    own = SERVICE_SCOPES[client["client_id"]] if client["is_service"] else client["scopes"]
    scopes = EVERYONE.union(own)
    if scope:
        asked = frozenset(scope.split())
        if missing := sorted(asked - scopes):
            raise InvalidScope(scope=missing[0])
        scopes = asked
    return Identity(
        subject=str(client["id"]),
        kind="client",
        name=client["client_id"],
        bureau=bureau or client["bureau_code"],
        schools=client["schools"],
        staff_no=None,
        roles=[] if client["is_service"] else [Role.INTEGRATION.value],
        scopes=scopes,
    )
