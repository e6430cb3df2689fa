from pathlib import Path

import httpx
import pytest

from services.chassis.imports.engine.imports import Imports
from services.schools.main import app


@pytest.fixture(scope="session")
def client(registry: httpx.AsyncClient) -> httpx.AsyncClient:
    """The registry."""
    return registry


@pytest.fixture
def folder(client: httpx.AsyncClient) -> Path:
    """Where the service keeps the files of imports."""
    del client  # the service runs with it
    path: Path = app.state.resources[Imports].folder
    return path
