"""The one-time links feature (一次性链接)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.accounts.queries import ACCOUNT_ROWS
from gateway.links.models import OneTimeLink
from gateway.links.router import router
from gateway.links.service import Links
from gateway.settings import GatewaySettings
from gateway.tokens import TokenIssuer
from services.chassis.core.resources import Resources
from services.chassis.database.db import Database
from services.chassis.lists.row_rules import EVERY_BUREAU, Through
from services.chassis.lists.row_scopes import RowScope
from services.chassis.runtime.feature import Feature

_OF_ACCOUNT = Through(ACCOUNT_ROWS, "a", "a.id = {row}account_id", is_of_bureau=False)
LINK_ROWS = RowScope(
    "one_time_link",
    {
        "platform": EVERY_BUREAU,
        "bureau": _OF_ACCOUNT,
        "schools": _OF_ACCOUNT,
        "person": _OF_ACCOUNT,
    },
)


@asynccontextmanager
async def provide_links(resources: Resources) -> AsyncIterator[None]:
    """Make the links available."""
    services = frozenset(resources[GatewaySettings].upstreams)
    resources.add(Links(resources[Database], resources[TokenIssuer], services))
    yield


async def delete_expired_links(resources: Resources) -> None:
    """Delete links that nobody used."""
    async with resources[Database].connection(None) as connection:
        await connection.execute("delete from one_time_link where expires_at <= now()")


FEATURE = Feature(
    routers=(router,),
    resources=(provide_links,),
    tables=(OneTimeLink,),
    row_scopes=(LINK_ROWS,),
    duties=(delete_expired_links,),
)
