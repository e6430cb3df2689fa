"""Routes of API clients."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Response

from gateway.clients import service
from gateway.clients.errors import (
    ClientIdTaken,
    ClientNotFound,
    SecretNotFound,
    ServiceClient,
    TooManySecrets,
)
from gateway.clients.models import (
    ClientCreate,
    ClientCreated,
    ClientPatch,
    ClientRead,
    SecretCreated,
)
from gateway.clients.queries import CLIENTS
from gateway.clients.scopes import ClientScope
from services.chassis.core.errors import documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection, Session
from services.chassis.exports.answers import Lists, query_of
from services.chassis.http.preconditions import RowChanged
from services.chassis.lists.listing import PageParams
from services.chassis.lists.writing import written

TAG = Tag("clients", Text("接口", "API clients of bureau systems"))
router = APIRouter(prefix="/v1/clients", tags=[TAG])

# Secrets must not be cached. Under an `Idempotency-Key` the response is stored encrypted; otherwise
# a lost response would leave a client with an active secret that nobody knows.
SHOWN_ONCE = {"Cache-Control": "no-store"}
CanRead = Annotated[Caller, allow(ClientScope.READ)]
CanWrite = Annotated[Caller, allow(ClientScope.WRITE)]


@router.get("", summary="List clients (接口列表)", response_model=CLIENTS.page_schema)
async def list_clients(
    params: Annotated[PageParams, query_of(CLIENTS)], caller: CanRead, lists: Lists
) -> Response:
    """All clients, including the platform's own services. Secrets are never returned."""
    return await lists.answer(CLIENTS, caller, params)


@router.post(
    "",
    summary="Create a client (新建接口)",
    status_code=201,
    response_model=ClientCreated,
    responses=documents(ClientIdTaken),
)
async def create_client(payload: ClientCreate, caller: CanWrite, session: Session) -> Response:
    """Create a client. The response contains its secret, which is shown only once."""
    client, secret = await service.create_client(session, caller, payload)
    response = await written(CLIENTS, session, caller, client.id, 201)
    document = orjson.loads(bytes(response.body)) | {"client_secret": secret}
    headers = SHOWN_ONCE | {"ETag": response.headers["ETag"]}
    return Response(orjson.dumps(document), 201, headers, "application/json")


@router.get(
    "/{client_id}",
    summary="Read a client (接口)",
    response_model=ClientRead,
    responses=documents(ClientNotFound),
)
async def read_client(client_id: str, caller: CanRead, connection: Connection) -> Response:
    """One client by its id."""
    return await CLIENTS.one(connection, caller, "client_id = {}", client_id)


@router.patch(
    "/{client_id}",
    summary="Change or disable a client (修改接口)",
    response_model=ClientRead,
    responses=documents(ClientNotFound, ServiceClient),
)
async def patch_client(
    client_id: str, payload: ClientPatch, caller: CanWrite, session: Session
) -> Response:
    """Change a client (merge patch). A disabled client gets no more tokens."""
    client = await service.change_client(session, caller, client_id, payload)
    return await written(CLIENTS, session, caller, client.id)


@router.post(
    "/{client_id}/secrets",
    summary="Add a secret (增加密钥)",
    status_code=201,
    responses=documents(ClientNotFound, TooManySecrets, ServiceClient, RowChanged),
)
async def add_client_secret(
    client_id: str, caller: CanWrite, session: Session, response: Response
) -> SecretCreated:
    """Add a second secret to the client. Switch to it, then delete the first."""
    row, secret = await service.add_secret(session, caller, client_id)
    response.headers.update(SHOWN_ONCE)
    return SecretCreated(id=row.id, hint=row.hint, created_at=row.created_at, client_secret=secret)


@router.delete(
    "/{client_id}/secrets/{secret_id}",
    summary="Delete a secret (删除密钥)",
    status_code=204,
    responses=documents(SecretNotFound, ServiceClient),
)
async def delete_client_secret(
    client_id: str, secret_id: UUID, caller: CanWrite, session: Session
) -> None:
    """Delete a secret, which is then no longer valid."""
    await service.delete_secret(session, caller, client_id, secret_id)
