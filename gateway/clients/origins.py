"""Origins whose pages may call the gateway from a browser: of a setting, and of API clients."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from gateway.settings import GatewaySettings
from services.chassis.core.resources import Resources
from services.chassis.database.db import Database

log = structlog.get_logger()

# How long a new origin waits, and a removed one is still answered.
FRESH_SECONDS = 5.0
_REGISTERED = (
    "select distinct unnest(allowed_origins) as origin from client where status = 'active'"
)


class AllowedOrigins:
    """The origins whose pages may call the gateway.

    Args:
        configured: those of `JUNHENG_CORS_ORIGINS`.
    """

    def __init__(self, configured: tuple[str, ...]) -> None:
        self._configured, self._registered = frozenset(configured), frozenset[str]()

    def __contains__(self, origin: object) -> bool:
        return origin in self._configured or origin in self._registered

    async def read(self, database: Database) -> None:
        """Read those of the active clients."""
        async with database.connection(None) as connection:
            rows = await connection.fetch(_REGISTERED)
        self._registered = frozenset(row["origin"] for row in rows)


@asynccontextmanager
async def provide_origins(resources: Resources) -> AsyncIterator[None]:
    """Make the origins available, and read them every few seconds."""
    origins = AllowedOrigins(resources[GatewaySettings].origins)
    resources.add(origins)
    reading = asyncio.create_task(_keep_reading(origins, resources[Database]))
    try:
        yield
    finally:
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading


async def _keep_reading(origins: AllowedOrigins, database: Database) -> None:
    """Read again and again; during an outage the last ones hold."""
    while True:
        try:
            await origins.read(database)
        except Exception as error:
            log.warning("origins of clients not read", cause=type(error).__name__)
        await asyncio.sleep(FRESH_SECONDS)
