from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.core.settings import Environment
from services.chassis.database.clock import CHINA, Clock
from services.chassis.database.db import Database
from services.chassis.procedures.sql import TODAY
from tests.chassis.probe import probe
from tests.support.running import running
from tests.support.tokens import bearer

ADMIN = bearer("system_admin", bureau=None)


@pytest.fixture
def app() -> FastAPI:
    return probe()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app) as client:
        yield client
        await client.put("/v1/clock", json={"now": None}, headers=ADMIN)


async def move(client: httpx.AsyncClient, now: str | None) -> dict[str, object]:
    """Move the clock."""
    answer = await client.put("/v1/clock", json={"now": now}, headers=ADMIN)
    assert answer.status_code == 200
    moved: dict[str, object] = answer.json()
    return moved


async def test_moved_and_back(client: httpx.AsyncClient, app: FastAPI) -> None:
    moved = await move(client, "2030-05-01T01:00:00Z")
    assert (str(moved["now"])[:16], moved["moved"]) == ("2030-05-01T09:00", True)
    assert str(await app.state.resources[Clock].today()) == "2030-05-01"
    assert (await client.get("/v1/clock", headers=ADMIN)).json()["moved"] is True
    back = await move(client, None)
    assert back["moved"] is False
    assert abs(await app.state.resources[Clock].now() - datetime.now(CHINA)) < timedelta(seconds=2)


async def test_the_day_is_chinas(client: httpx.AsyncClient, app: FastAPI) -> None:
    await move(client, "2026-01-09T16:00:00Z")
    assert str(await app.state.resources[Clock].today()) == "2026-01-10"


async def test_other_processes_follow_and_production_does_not(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    await move(client, "2031-01-01T00:00:00+08:00")
    other = Clock(app.state.resources[Database], movable=True)
    assert (await other.today()).year == 2031
    steady = Clock(app.state.resources[Database], movable=False)
    assert (await steady.today()).year == datetime.now(CHINA).year


async def test_the_day_of_guards_is_that_of_the_clock(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    await move(client, "2031-01-01T00:00:30+08:00")
    database = app.state.resources[Database]
    async with database.connection(None) as connection:
        assert str(await connection.fetchval(f"select {TODAY}")) == "2031-01-01"
    settings = database.settings.model_copy(update={"environment": Environment.PRODUCTION})
    steady = Database(database.name, settings)
    await steady.open()
    try:
        async with steady.connection(None) as connection:
            assert (await connection.fetchval(f"select {TODAY}")).year == datetime.now(CHINA).year
    finally:
        await steady.close()


@pytest.mark.parametrize(
    "body",
    [{}, {"now": "2026-01-05T09:00:00"}, {"now": "yesterday"}, {"now": "2026-01-05"}, {"at": 1}],
)
async def test_a_moment_needs_its_offset(
    client: httpx.AsyncClient, body: dict[str, object]
) -> None:
    answer = await client.put("/v1/clock", json=body, headers=ADMIN)
    assert answer.status_code == 422


async def test_the_ends_of_time_are_no_crash(client: httpx.AsyncClient) -> None:
    for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"):
        answer = await client.put("/v1/clock", json={"now": moment}, headers=ADMIN)
        assert answer.status_code in (200, 422)


async def test_only_the_system_administrator_moves_it(client: httpx.AsyncClient) -> None:
    headers = bearer("bureau_admin", bureau="620123")
    answer = await client.put("/v1/clock", json={"now": None}, headers=headers)
    assert answer.status_code == 403
