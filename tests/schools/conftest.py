from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from tests.schools.county import County, school
from tests.support.database import admin_url


@pytest.fixture(scope="session")
def client(registry: httpx.AsyncClient) -> httpx.AsyncClient:
    """The registry."""
    return registry


@pytest.fixture
async def admin() -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """The database as the administrator sees it: every row, every column."""
    connection = await asyncpg.connect(admin_url())
    yield connection
    await connection.close()


@pytest.fixture
def empty(client: httpx.AsyncClient, bureau: str) -> County:
    """A bureau without schools."""
    return County(client, bureau)


@pytest.fixture
async def county(empty: County) -> County:
    """A bureau with two schools."""
    for code in (empty.one, empty.two):
        await empty.ok("POST", "/v1/schools", json=school(code))
    return empty
