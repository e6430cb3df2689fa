from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from services.accountability.main import app
from tests.accountability.fake_gateway import FakeGateway
from tests.accountability.scenario import Scenario
from tests.support.importing import file_jobs
from tests.support.running import running


@pytest_asyncio.fixture(scope="session")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """The service, started once; of its jobs only imports and exports run by themselves."""
    async with running(app, jobs=file_jobs()) as started:
        yield started


@pytest.fixture
def scenario(client: httpx.AsyncClient, bureau: str) -> Scenario:
    """A bureau of this test's own, behind a gateway of this test's own."""
    gateway = FakeGateway(bureau)
    app.state.resources.add(gateway.platform())
    return Scenario(app, client, gateway, bureau)
