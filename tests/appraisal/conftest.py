from collections.abc import AsyncIterator

import httpx
import pytest

from services.appraisal.features import SERVICE
from services.appraisal.main import app
from services.chassis.peers.client import PlatformClient
from services.chassis.peers.http_client import HttpClient
from tests.appraisal.year import NOW, Registry, Year
from tests.support.running import running
from tests.support.tokens import bearer


@pytest.fixture(scope="session")
def registry() -> Registry:
    return Registry()


@pytest.fixture(scope="session")
async def client(registry: Registry) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app, jobs=SERVICE.jobs) as client:
        http = HttpClient("http://gateway", transport=httpx.MockTransport(registry.answer))
        app.state.resources.add(PlatformClient(http, "service-appraisal", "secret"))
        yield client
        await http.close()


@pytest.fixture
async def year(client: httpx.AsyncClient, registry: Registry, bureau: str) -> Year:
    """A bureau's year, its clock at the beginning of January."""
    headers = bearer("system_admin", bureau=None)
    answer = await client.put("/v1/clock", json={"now": NOW}, headers=headers)
    assert answer.status_code == 200
    return Year(client, registry, bureau)
