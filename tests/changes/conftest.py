from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from services.chassis.core.settings import ServiceSettings
from services.chassis.database.db import Database
from tests.changes.copying import Copy
from tests.support.database import create_database


@pytest.fixture(scope="session")
def client(registry: httpx.AsyncClient) -> httpx.AsyncClient:
    """The registry."""
    return registry


@pytest.fixture
async def copy(client: httpx.AsyncClient, bureau: str) -> Copy:
    """An empty copy of the bureau's registry, at the beginning of the feed."""
    return Copy(client, bureau)


@pytest.fixture
def url() -> str:
    """A database that this test may take apart."""
    return create_database("seals")


@pytest.fixture
async def superuser(url: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database("schools", ServiceSettings.for_service("schools", database_url=url))
    await database.open()
    yield database
    await database.close()
