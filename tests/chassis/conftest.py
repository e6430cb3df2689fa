from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from tests.chassis.jobs_world import JobsWorld
from tests.support.database import admin_url


@pytest_asyncio.fixture
async def jobs_world() -> AsyncIterator[JobsWorld]:
    """An empty queue, and a table that jobs of the tests leave their effects in."""
    connection = await asyncpg.connect(admin_url())
    await connection.execute(
        "set role junheng_accountability_owner; "
        "create table accountability.test_effect (n bigint primary key, runs integer not null); "
        "reset role"
    )
    world = JobsWorld(connection)
    yield world
    world.close()
    await connection.execute(
        "drop table accountability.test_effect; "
        "delete from accountability.pgqueuer where entrypoint like 'test.%'"
    )
    await connection.close()
