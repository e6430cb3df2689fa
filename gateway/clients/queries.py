"""List and lookup of clients."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from gateway.accounts.locking import locked
from gateway.clients.errors import ClientNotFound, ServiceClient
from gateway.clients.models import Client, ClientRead
from services.chassis.http.preconditions import require_match
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_rules import EVERY_BUREAU
from services.chassis.lists.row_scopes import RowScope
from services.chassis.lists.search import TextSearch

CLIENT_ROWS = RowScope("client", {"platform": EVERY_BUREAU})
SECRET_ROWS = RowScope("client_secret", {"platform": EVERY_BUREAU})

CLIENTS = Listing(
    "clients",
    ClientRead,
    "client",
    CLIENT_ROWS,
    search=TextSearch(("client_id", "name")),
    sorts=("client_id", "name", "created_at", "updated_at"),
    sql={
        "secrets": "(select coalesce(json_agg(json_build_object('id', s.id, 'hint', s.hint, "
        "'created_at', s.created_at) order by s.created_at), '[]') "
        "from client_secret s where s.client_row = client.id)"
    },
    missing=ClientNotFound,
    shows_more=True,
)


async def client_of(session: AsyncSession, client_id: str) -> Client:
    """The client in the version that the request expects, locked for a change.

    Raises:
        ClientNotFound: there is no client with this id.
        ServiceClient: it belongs to a service of the platform.
        RowChanged: its version differs from `If-Match`.
    """
    statement = locked(select(Client).where(Client.client_id == client_id))
    client = (await session.execute(statement)).scalar_one_or_none()
    if client is None:
        raise ClientNotFound(key=client_id)
    if client.is_service:
        raise ServiceClient
    require_match(client.version)
    return client
