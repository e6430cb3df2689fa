"""The school registry with its worker, once for all tests that need it.

Two in one process would take jobs from each other.
"""

from collections.abc import AsyncIterator

import httpx
import pytest


@pytest.fixture(scope="session")
async def registry() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the registry, whose jobs are carried out."""
    from services.schools.main import app, jobs
    from tests.support.running import running

    async with running(app, jobs=jobs) as client:
        yield client
