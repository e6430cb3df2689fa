"""What a process does with too much: too many requests, too slow statements."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter
from sqlalchemy import text

from services.chassis.core.settings import ServiceSettings
from services.chassis.database.db import Connection, Session
from services.chassis.runtime.app import create_app
from tests.support.running import running
from tests.support.services import small_service
from tests.support.tokens import bearer

ADMIN = bearer("bureau_admin", bureau="999999")
router = APIRouter(prefix="/v1")


@router.get("/sql")
async def ask_sql(connection: Connection, seconds: float = 0.05) -> None:
    """Keep a connection of one pool for a while."""
    await connection.execute("select pg_sleep($1)", seconds)


@router.get("/orm")
async def ask_orm(session: Session, seconds: float = 0.05) -> None:
    """Keep a connection of the other pool for a while."""
    await session.execute(text("select pg_sleep(:seconds)"), {"seconds": seconds})


@pytest_asyncio.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    small = ServiceSettings.for_service(
        "schools",
        pool_size=2,
        acquire_timeout=0.5,
        max_requests=200,
        max_requests_per_account=200,
        statement_timeout_ms=1000,
    )
    async with running(
        create_app(small_service("schools", "Limits 限制", router), settings=small)
    ) as started:
        yield started


async def test_three_hundred_requests_on_two_connections(client: httpx.AsyncClient) -> None:
    paths = ["/v1/sql", "/v1/orm"] * 150
    before = time.monotonic()
    answers = await asyncio.gather(*(client.get(path, headers=ADMIN) for path in paths))
    assert time.monotonic() - before < 15, "nobody waits without end"
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {200, 503}
    assert statuses[503] >= 100, "those over the limit of the process at least"
    for answer in answers:
        if answer.status_code == 503:
            assert answer.json()["code"] == "platform.overloaded"
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.headers["content-type"] == "application/problem+json"
    for path in ("/v1/sql", "/v1/orm"):
        assert (await client.get(path, headers=ADMIN)).status_code == 200, "it recovers"


async def test_an_overloaded_process_still_says_how_it_is(client: httpx.AsyncClient) -> None:
    crowd = [asyncio.create_task(client.get("/v1/sql", headers=ADMIN)) for _ in range(250)]
    await asyncio.sleep(0.1)
    assert (await client.get("/livez")).status_code == 200
    assert 'junheng_pool_connections{pool="sql"' in (await client.get("/metrics")).text
    await asyncio.gather(*crowd)


@pytest.mark.parametrize("path", ["/v1/sql", "/v1/orm"])
async def test_a_statement_that_takes_too_long_is_stopped(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path, params={"seconds": 5}, headers=ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (503, "platform.statement_timeout")
    assert int(answer.headers["Retry-After"]) > 0
    assert (await client.get(path, headers=ADMIN)).status_code == 200
