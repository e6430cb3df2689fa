"""The school registry with its worker, once for all tests that need it, and what they begin with.

Two in one process would take jobs from each other.
"""

from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from tests.schools.county import County, school
from tests.support.database import admin_url
from tests.support.fake_services import FakeServices


@pytest.fixture(scope="session")
def other_services() -> FakeServices:
    """The other services, as the registry sees them."""
    return FakeServices()


@pytest.fixture(scope="session")
async def registry(other_services: FakeServices) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the registry, whose jobs are carried out."""
    from services.schools.features import SERVICE
    from services.schools.main import app
    from tests.support.running import running

    async with running(app, jobs=SERVICE.jobs) as client:
        app.state.resources.add(other_services.platform())
        yield client


@pytest.fixture
async def admin() -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """The database as the administrator sees it: every row, every column."""
    connection = await asyncpg.connect(admin_url())
    yield connection
    await connection.close()


@pytest.fixture
async def county(registry: httpx.AsyncClient, bureau: str) -> County:
    """A bureau with two schools."""
    county = County(registry, bureau)
    for code in (county.one, county.two):
        await county.ok("POST", "/v1/schools", json=school(code))
    return county
