"""Long polls: what they cost, how many an account may have, and that all are told in time."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.chassis.core.settings import ServiceSettings
from services.chassis.database.db import Database
from services.chassis.http.long_poll import MOST_OF_ACCOUNT
from services.chassis.runtime.app import create_app
from services.schools.main import app
from tests.changes.copying import Copy, settled
from tests.changes.writers import act_for, add_school, code, logged_in
from tests.schools.county import school
from tests.support.running import running
from tests.support.services import small_service
from tests.support.tokens import bearer
from tests.support.transactions import counted

Answer = asyncio.Task[httpx.Response]


def account(bureau: str, number: int = 0) -> dict[str, str]:
    """The token of one of a bureau's accounts."""
    return bearer("bureau_admin", bureau=bureau, name=f"waiting-{number}")


async def poll(
    client: httpx.AsyncClient, headers: dict[str, str], after: str = "now", **params: Any
) -> Answer:
    """A poll that has begun to wait."""
    task = asyncio.create_task(
        client.get("/v1/changes", params={"after": after} | params, headers=headers)
    )
    await asyncio.sleep(0)
    return task


async def crowd(
    client: httpx.AsyncClient,
    bureau: str,
    accounts: int,
    each: int = MOST_OF_ACCOUNT,
    wait: int = 3,
) -> list[Answer]:
    """Polls of several accounts, each of them with its first look behind it."""
    polls = [
        await poll(client, account(bureau, number), wait=wait)
        for number in range(accounts)
        for _ in range(each)
    ]
    await asyncio.sleep(1)
    return polls


async def test_waiting_costs_the_database_one_look_for_all(
    client: httpx.AsyncClient, bureau: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    polls = await crowd(client, bureau, accounts=5)
    assert len(polls) > 10 * app.state.resources[Database].settings.pool_size
    with counted(monkeypatch) as begun:
        started = time.monotonic()
        assert (await client.get("/v1/schools", headers=account(bureau))).status_code == 200
        answers = await asyncio.gather(*polls)
        seconds = time.monotonic() - started
    assert [answer.json()["data"] for answer in answers] == [[]] * len(polls)
    looks = begun.pop(None)
    assert 1 <= looks <= 5 * seconds + 2, "four a second, however many wait"
    assert begun.total() == 1, "nothing but the ordinary request"


async def test_everybody_who_waits_is_told(client: httpx.AsyncClient, bureau: str) -> None:
    polls = await crowd(client, bureau, accounts=5, wait=20)
    body = school(code(bureau, 1))
    assert (await client.post("/v1/schools", json=body, headers=account(bureau))).is_success
    answers = await asyncio.wait_for(asyncio.gather(*polls), 15)
    keys = [[change["key"] for change in answer.json()["data"]] for answer in answers]
    assert keys == [[code(bureau, 1)]] * len(polls)


async def test_others_are_not_woken(
    client: httpx.AsyncClient, bureau: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await poll(client, account("999998"), wait=3)
    of_staff = await poll(client, account(bureau), wait=3, resource="staff")
    await asyncio.sleep(1)
    with counted(monkeypatch) as begun:
        async with logged_in() as writer, writer.transaction():
            await act_for(writer, bureau)
            await add_school(writer, bureau, 1)
        assert [(await one).json()["data"] for one in (other, of_staff)] == [[], []]
    assert begun.keys() == {None}


async def test_what_an_older_transaction_commits_later_wakes_too(copy: Copy, bureau: str) -> None:
    await settled()
    async with logged_in() as slow, logged_in() as quick:
        early = slow.transaction()
        await early.start()
        await act_for(slow, bureau)
        await add_school(slow, bureau, 1)
        waiting = asyncio.create_task(copy.read(wait=20))
        await asyncio.sleep(0.6)
        async with quick.transaction():
            await act_for(quick, bureau)
            await add_school(quick, bureau, 2)
        await asyncio.sleep(0.6)
        assert not waiting.done(), "not before what is older has ended"
        await early.commit()
    await asyncio.wait_for(waiting, 15)
    await copy.catch_up()
    assert [change["key"] for change in copy.seen] == [code(bureau, 1), code(bureau, 2)]


async def test_of_one_account_only_so_many_wait(client: httpx.AsyncClient, bureau: str) -> None:
    polls = await crowd(client, bureau, accounts=1, wait=2)
    refused = await client.get(
        "/v1/changes", params={"after": "now", "wait": 2}, headers=account(bureau)
    )
    assert (refused.status_code, refused.json()["code"]) == (
        429,
        "platform.too_many_waiting_requests",
    )
    assert int(refused.headers["Retry-After"]) > 0
    at_once = await client.get("/v1/changes", params={"after": "now"}, headers=account(bureau))
    assert at_once.status_code == 200, "who does not wait needs no place"
    another = await poll(client, account(bureau, 1), wait=1)
    assert {answer.status_code for answer in await asyncio.gather(*polls, another)} == {200}
    again = await poll(client, account(bureau), wait=1)
    assert (await again).status_code == 200, "the places are free again"


async def test_who_has_left_waits_no_more(client: httpx.AsyncClient, bureau: str) -> None:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": b""},
        {"type": "http.disconnect"},
    ]
    headers = [(name.lower().encode(), value.encode()) for name, value in account(bureau).items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/changes",
        "raw_path": b"/v1/changes",
        "query_string": b"after=now&wait=30",
        "root_path": "",
        "headers": headers,
        "server": ("test", 80),
        "client": ("127.0.0.1", 1),
    }

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(_message: Any) -> None:
        raise AssertionError("nobody is there to take an answer")

    await asyncio.wait_for(app(scope, receive, send), 10)


@pytest_asyncio.fixture
async def narrow(client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A process that serves two requests at the same time, and lets ten more wait.

    One more is for services.
    """
    settings = ServiceSettings.for_service("schools", max_requests=2, max_waiting=11)
    async with running(
        create_app(small_service("schools", "Waiting 等待"), settings=settings)
    ) as started:
        yield started


async def test_who_waits_takes_nobody_elses_turn(narrow: httpx.AsyncClient, bureau: str) -> None:
    polls = await crowd(narrow, bureau, accounts=2, each=5, wait=2)
    ordinary = await narrow.get("/v1/changes", params={"after": "now"}, headers=account(bureau))
    assert ordinary.status_code == 200
    one_more = await narrow.get("/v1/changes", params={"wait": 2}, headers=account(bureau, 3))
    assert (one_more.status_code, one_more.json()["code"]) == (503, "platform.overloaded")
    assert {answer.status_code for answer in await asyncio.gather(*polls)} == {200}
