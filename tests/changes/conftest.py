import httpx
import pytest

from tests.changes.copying import Copy


@pytest.fixture(scope="session")
def client(registry: httpx.AsyncClient) -> httpx.AsyncClient:
    """The registry."""
    return registry


@pytest.fixture
async def copy(client: httpx.AsyncClient, bureau: str) -> Copy:
    """An empty copy of the bureau's registry, at the beginning of the feed."""
    return Copy(client, bureau)
