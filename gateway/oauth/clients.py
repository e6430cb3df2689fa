"""Clients proving who they are, and what their tokens allow."""

import hmac
from typing import Any

from gateway.clients.service import secret_hash
from gateway.oauth.errors import InvalidClient, InvalidScope, InvalidTokenRequest
from gateway.roles import EVERYONE, SERVICE_SCOPES, Role
from gateway.tokens import Identity
from services.chassis.database.db import Conn

_FIND = """
    select c.*, array(select secret_hash from client_secret where client_row = c.id) as hashes
    from client c where client_id = $1 and status = 'active'
"""


async def authenticate_client(connection: Conn, client_id: str, secret: str) -> Any:
    """The client row, if `secret` is one of its live ones.

    Raises:
        InvalidClient: unknown, disabled or wrong.
    """
    client = await connection.fetchrow(_FIND, client_id)
    given = secret_hash(secret)
    # Every stored hash is compared, and one when there is none, whatever the outcome.
    stored = client["hashes"] if client else [bytes(len(given))]
    matches = [hmac.compare_digest(given, known) for known in stored]
    if client is None or not any(matches):
        raise InvalidClient
    return client


def identity_of_client(client: Any, bureau: str | None, scope: str | None) -> Identity:
    """Whom a token for this client row names.

    Args:
        client: the authenticated client.
        bureau: the bureau asked for; a service must name one, others have theirs.
        scope: the scopes asked for, or all that the client has.

    Raises:
        InvalidTokenRequest: the bureau is missing or not the client's.
        InvalidScope: more was asked for than the client has.
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
