"""PostgreSQL goes away and comes back."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from deploy.local.postgres import EmbeddedPostgres
from deploy.local.throwaway import throwaway_postgres
from deploy.postgres.setup import prepare, read_passwords
from services.chassis.runtime.migrate import migrate
from tests.chassis.probe import probe
from tests.support.running import running
from tests.support.tokens import bearer

HEADERS = bearer("auditor", bureau=None)
WAYS = ("/v1/connection", "/v1/session", "/readyz")


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[EmbeddedPostgres]:
    with throwaway_postgres() as server:
        await prepare(server.url("junheng"), read_passwords())
        await migrate(server.url("junheng"), ["schools"])
        yield server


@pytest.fixture(scope="module")
async def client(server: EmbeddedPostgres) -> AsyncIterator[httpx.AsyncClient]:
    url = f"postgresql://127.0.0.1:{server.port}/junheng"
    async with running(probe(database_url=url, pool_size=3)) as client:
        yield client


async def statuses(client: httpx.AsyncClient) -> set[int]:
    """What a handful of requests at once are answered with."""
    calls = [client.get(way, headers=HEADERS) for way in WAYS for _ in range(4)]
    answers = await asyncio.gather(*calls)
    for answer in answers:
        if answer.status_code != 200:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["retry-after"]
    return {answer.status_code for answer in answers}


async def test_while_postgres_is_down_it_is_503_and_afterwards_all_is_well(
    client: httpx.AsyncClient, server: EmbeddedPostgres
) -> None:
    assert await statuses(client) == {200}
    await asyncio.to_thread(server.stop)
    assert await statuses(client) == {503}
    assert (await client.get("/livez")).status_code == 200
    await asyncio.to_thread(server.start)
    assert await statuses(client) == {200}


async def test_connections_that_are_cut_cost_one_request_each_at_most(
    client: httpx.AsyncClient, server: EmbeddedPostgres
) -> None:
    assert await statuses(client) == {200}
    admin = await asyncpg.connect(server.url("junheng"))
    await admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'junheng_schools'"
    )
    await admin.close()
    assert await statuses(client) <= {200, 503}
    assert await statuses(client) == {200}


async def test_a_connection_cut_in_the_middle_is_an_error_not_a_success(
    client: httpx.AsyncClient, server: EmbeddedPostgres
) -> None:
    calls = [
        asyncio.create_task(client.get(f"/v1/{way}?seconds=20", headers=HEADERS))
        for way in ("connection", "session")
    ]
    admin = await asyncpg.connect(server.url("junheng"))
    cut = 0
    while cut < 2:
        await asyncio.sleep(0.1)
        cut += await admin.fetchval(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity "
            "where usename = 'junheng_schools' and query like '%pg_sleep%' and state = 'active'"
        )
    await admin.close()
    assert [(await call).status_code for call in calls] == [503, 503]
    assert await statuses(client) == {200}
