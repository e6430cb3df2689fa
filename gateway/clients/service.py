"""Rules and writes of API clients, which security administrators manage."""

import hashlib
import secrets
from uuid import UUID

import structlog
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from gateway.clients.errors import ClientIdTaken, SecretNotFound, TooManySecrets
from gateway.clients.models import Client, ClientCreate, ClientPatch, ClientSecret
from gateway.clients.queries import client_of
from services.chassis.database.auth import Caller
from services.chassis.database.db import unique_or

log = structlog.get_logger()

_PREFIX = "jhs_"
_MAX_SECRETS = 2


def secret_hash(secret: str) -> bytes:
    """The stored hash of a secret; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


async def create_client(
    session: AsyncSession, caller: Caller, payload: ClientCreate
) -> tuple[Client, str]:
    """Create a client and return it with its first secret.

    Raises:
        ClientIdTaken: the id is in use.
    """
    client = Client(**payload.model_dump(mode="json"))
    async with unique_or(session, ClientIdTaken(client_id=payload.client_id)):
        session.add(client)
    _row, secret = await _new_secret(session, client)
    log.info("client created", actor=caller.subject, client=client.client_id)
    return client, secret


async def add_secret(
    session: AsyncSession, caller: Caller, client_id: str
) -> tuple[ClientSecret, str]:
    """Add a second secret, so that a client can switch without interruption.

    Raises:
        TooManySecrets: it has two.
    """
    client = await client_of(session, client_id)
    count = select(func.count()).where(ClientSecret.client_row == client.id)
    if (await session.scalar(count) or 0) >= _MAX_SECRETS:
        raise TooManySecrets
    log.info("client secret added", actor=caller.subject, client=client_id)
    return await _new_secret(session, client)


async def delete_secret(
    session: AsyncSession, caller: Caller, client_id: str, secret_id: UUID
) -> None:
    """Delete a secret; a client without secrets gets no tokens.

    Raises:
        SecretNotFound: the client has no such secret.
    """
    client = await client_of(session, client_id)
    row = await session.get(ClientSecret, secret_id)
    if row is None or row.client_row != client.id:
        raise SecretNotFound
    await session.delete(row)
    log.info("client secret deleted", actor=caller.subject, client=client_id)


async def change_client(
    session: AsyncSession, caller: Caller, client_id: str, patch: ClientPatch
) -> Client:
    """Change or disable a client; its tokens remain valid until they expire."""
    client = await client_of(session, client_id)
    changes = patch.model_dump(mode="json", exclude_unset=True)
    client.sqlmodel_update(changes)
    await session.flush()
    log.info("client changed", actor=caller.subject, client=client_id, fields=sorted(changes))
    return client


async def _new_secret(session: AsyncSession, client: Client) -> tuple[ClientSecret, str]:
    secret = _PREFIX + secrets.token_urlsafe(32)
    row = ClientSecret(client_row=client.id, secret_hash=secret_hash(secret), hint=secret[-4:])
    session.add(row)
    await session.flush()
    await session.refresh(row)
    return row, secret
