from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.architecture.processes import PROCESSES, application
from tests.support.running import running


@pytest.fixture(scope="package")
async def clients() -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Every process, running, each with a client of its own."""
    async with AsyncExitStack() as stack:
        yield {
            process: await stack.enter_async_context(running(application(process)))
            for process in PROCESSES
        }
