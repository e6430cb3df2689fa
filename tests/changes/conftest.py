from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from tests.changes.copying import Copy
from tests.support.database import admin_url


@pytest.fixture(scope="session")
def client(registry: httpx.AsyncClient) -> httpx.AsyncClient:
    """The registry."""
    return registry


@pytest.fixture
async def admin() -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """A superuser: row security and rights do not bind it."""
    connection = await asyncpg.connect(admin_url())
    yield connection
    await connection.close()


@pytest.fixture
async def copy(client: httpx.AsyncClient, bureau: str) -> Copy:
    """An empty copy of the bureau's registry, at the beginning of the feed."""
    return Copy(client, bureau)
