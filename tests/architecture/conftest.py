from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.architecture.processes import PROCESSES, application
from tests.architecture.seeding import seed
from tests.support.database import create_database
from tests.support.running import running


@pytest.fixture(scope="package")
async def clients() -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Every process, running, each with a client of its own."""
    async with AsyncExitStack() as stack:
        yield {
            process: await stack.enter_async_context(running(application(process)))
            for process in PROCESSES
        }


@pytest.fixture(scope="package")
def empty() -> str:
    """A database of this package's own."""
    return create_database("seeded")


@pytest.fixture(scope="package")
async def seeded(empty: str) -> str:
    """The same, with one row in every protected table."""
    await seed(empty)
    return empty
