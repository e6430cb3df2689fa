from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from services.schools.main import app
from tests.schools.county import County, school
from tests.support.database import admin_url


@pytest.fixture(scope="session")
def client(registry: httpx.AsyncClient) -> httpx.AsyncClient:
    """The registry."""
    return registry


@pytest.fixture
async def admin() -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """The database as the administrator sees it."""
    connection = await asyncpg.connect(admin_url())
    yield connection
    await connection.close()


@pytest.fixture
async def county(client: httpx.AsyncClient, bureau: str) -> County:
    """A bureau with two schools."""
    county = County(client, bureau)
    for code in (county.one, county.two):
        await county.ok("POST", "/v1/schools", json=school(code))
    return county


@pytest.fixture
def folder(client: httpx.AsyncClient) -> Path:
    """Where the service keeps the files of imports."""
    del client  # the service runs with it
    path: Path = app.state.imports.folder
    return path
