import httpx
import pytest

from tests.schools.county import County


@pytest.fixture(scope="session")
def client(registry: httpx.AsyncClient) -> httpx.AsyncClient:
    """The registry."""
    return registry


@pytest.fixture
def empty(client: httpx.AsyncClient, bureau: str) -> County:
    """A bureau without schools."""
    return County(client, bureau)
