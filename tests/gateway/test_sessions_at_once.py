"""Sessions end at the first try, whoever refreshes, logs in or asks for tokens meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from tests.gateway.people import PASSWORD, Headers, Platform, code_of, refresh, tokens

CLIENTS = 20
ROUNDS = 20
OTHER = "another pass phrase"

Crowd = list[httpx.AsyncClient]
End = Callable[[], Awaitable[httpx.Response]]


class Refreshing:
    """Clients that exchange their refresh token again and again until it is refused.

    Attributes:
        tokens: the last one that each of them got.
        faults: answers that are neither tokens nor the end of the session.
    """

    def __init__(self, http: Crowd, begun: list[str]) -> None:
        self._http, self.tokens = http, begun
        self.faults: list[str] = []
        self.exchanged = 0

    async def run(self) -> None:
        """Refresh until every session has ended."""
        await asyncio.gather(*(self._run(place) for place in range(len(self.tokens))))

    async def _run(self, place: int) -> None:
        while True:
            answer = await refresh(self._http[place], self.tokens[place])
            if answer.status_code != 200:
                if code_of(answer) != "oauth.invalid_grant":
                    self.faults.append(answer.text)
                return
            self.tokens[place] = answer.json()["refresh_token"]
            self.exchanged += 1


async def end_while_refreshing(http: Crowd, name: str, password: str, end: End) -> httpx.Response:
    """Begin a session for each client, and end them all while they refresh."""
    logins = await asyncio.gather(*(tokens(one, name, password) for one in http))
    clients = Refreshing(http, [answer.json()["refresh_token"] for answer in logins])
    async with asyncio.TaskGroup() as group, asyncio.timeout(300):
        group.create_task(clients.run())
        while clients.exchanged < CLIENTS:
            await asyncio.sleep(0.001)
        ended = await end()
    assert clients.faults == []
    for one, token in zip(http, clients.tokens, strict=True):
        assert code_of(await refresh(one, token)) == "oauth.invalid_grant"
    return ended


@pytest.fixture(autouse=True)
def quick_passwords(app: FastAPI, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of logins would otherwise take minutes of computing."""
    cheap = PasswordHasher(memory_cost=64, time_cost=1, parallelism=1)
    monkeypatch.setattr(app.state.passwords, "_argon2", cheap)


@pytest.fixture
async def crowd(address: str) -> AsyncIterator[Crowd]:
    """Clients with connections of their own."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=address,
                    trust_env=False,
                    timeout=60,
                    limits=httpx.Limits(keepalive_expiry=1),  # sooner than the server's
                )
            )
            for _ in range(CLIENTS)
        ]


@pytest.fixture
async def headers(platform: Platform, name: str) -> Headers:
    """An account, logged in."""
    return await platform.person(name, "bureau_admin", bureau_code="620123")


async def test_a_change_of_password_ends_every_session(
    platform: Platform, crowd: Crowd, name: str, headers: Headers
) -> None:
    old, new = PASSWORD, OTHER
    for _ in range(ROUNDS):
        body = {"current_password": old, "new_password": new}
        end = partial(platform.http.post, "/v1/me/password", json=body, headers=headers)
        ended = await end_while_refreshing(crowd, name, old, end)
        assert ended.status_code == 204, ended.text
        old, new = new, old


@pytest.mark.usefixtures("headers")
async def test_disabling_ends_every_session(platform: Platform, crowd: Crowd, name: str) -> None:
    for _ in range(ROUNDS):
        end = partial(platform.change, name, status="disabled")
        ended = await end_while_refreshing(crowd, name, PASSWORD, end)
        assert ended.status_code == 200, ended.text
        assert (await platform.change(name, status="active")).status_code == 200


@pytest.mark.usefixtures("headers")
async def test_a_password_set_by_an_administrator_ends_every_session(
    platform: Platform, crowd: Crowd, name: str
) -> None:
    old, new = PASSWORD, OTHER
    for _ in range(5):
        end = partial(platform.change, name, password=new)
        ended = await end_while_refreshing(crowd, name, old, end)
        assert ended.status_code == 200, ended.text
        old, new = new, old


@pytest.mark.usefixtures("headers")
async def test_one_session_ends_while_its_token_is_exchanged(
    platform: Platform, crowd: Crowd, name: str
) -> None:
    for _ in range(5):
        answers = await asyncio.gather(*(tokens(one, name) for one in crowd[:4]))
        revoked, *kept = [answer.json()["refresh_token"] for answer in answers]
        results = await asyncio.gather(
            *(refresh(one, revoked) for one in crowd[4:12]),
            platform.http.post("/oauth/revoke", data={"token": revoked}),
            *(refresh(one, revoked) for one in crowd[12:]),
            *(refresh(one, token) for one, token in zip(crowd, kept, strict=False)),
        )
        assert {result.status_code for result in results} <= {200, 400}
        following = {
            result.json()["refresh_token"] for result in results[:8] if result.status_code == 200
        }
        for token in (revoked, *following):
            assert code_of(await refresh(crowd[0], token)) == "oauth.invalid_grant"
        assert [result.status_code for result in results[-3:]] == [200, 200, 200]


@pytest.mark.usefixtures("headers")
async def test_roles_are_granted_while_sessions_go_on(
    platform: Platform, crowd: Crowd, name: str
) -> None:
    answers = await asyncio.gather(*(tokens(one, name) for one in crowd))
    clients = Refreshing(crowd, [answer.json()["refresh_token"] for answer in answers])
    running = asyncio.create_task(clients.run())
    for role in ("bureau_leader", "bureau_admin") * 5:
        assert (await platform.grant(name, role)).status_code == 200
        items = [{"username": name, "roles": [role]}]
        granted = await platform.http.post(
            "/v1/accounts:grant", json={"items": items}, headers=platform.secadmin
        )
        assert granted.status_code == 200
    assert (await platform.change(name, status="disabled")).status_code == 200
    async with asyncio.timeout(300):
        await running
    assert clients.faults == []


async def test_nobody_logs_in_with_a_password_that_has_been_changed(
    platform: Platform, crowd: Crowd, name: str, headers: Headers
) -> None:
    old, new = PASSWORD, OTHER
    for _ in range(3):
        logins = [asyncio.create_task(tokens(one, name, old)) for one in crowd]
        await logins[0]
        body = {"current_password": old, "new_password": new}
        changed = await platform.http.post("/v1/me/password", json=body, headers=headers)
        assert changed.status_code in (204, 429), changed.text
        answers = await asyncio.gather(*logins)
        assert {answer.status_code for answer in answers} <= {200, 401, 429}
        assert (await platform.change(name, status="active")).status_code == 200
        if changed.status_code == 204:
            for answer in answers:
                if answer.status_code == 200:
                    token = answer.json()["refresh_token"]
                    assert code_of(await refresh(crowd[0], token)) == "oauth.invalid_grant"
            old, new = new, old


async def test_of_two_changes_with_one_password_one_is_done(
    platform: Platform, crowd: Crowd, name: str, headers: Headers
) -> None:
    passwords = [f"pass phrase number {number}" for number in range(8)]
    answers = await asyncio.gather(
        *(
            one.post(
                "/v1/me/password",
                json={"current_password": PASSWORD, "new_password": password},
                headers=headers,
            )
            for one, password in zip(crowd, passwords, strict=False)
        )
    )
    done = [
        password
        for password, answer in zip(passwords, answers, strict=True)
        if answer.status_code == 204
    ]
    assert len(done) == 1, [answer.status_code for answer in answers]
    assert (await platform.change(name, status="active")).status_code == 200
    assert (await tokens(platform.http, name, done[0])).status_code == 200


@pytest.mark.usefixtures("headers")
async def test_failures_are_counted_exactly_while_sessions_are_refreshed(
    app: FastAPI, platform: Platform, crowd: Crowd, name: str
) -> None:
    answers = await asyncio.gather(*(tokens(one, name) for one in crowd[:4]))
    clients = Refreshing(crowd, [answer.json()["refresh_token"] for answer in answers])
    running = asyncio.create_task(clients.run())
    wrong = await asyncio.gather(*(tokens(one, name, "wrong") for one in crowd[4:8]))
    assert [code_of(answer) for answer in wrong] == ["auth.login_failed"] * 4
    async with app.state.database.connection(None) as connection:
        failures = await connection.fetchval(
            "select failed_logins from account where username = $1", name
        )
    assert failures == 4
    assert (await platform.change(name, status="disabled")).status_code == 200
    async with asyncio.timeout(300):
        await running
    assert clients.faults == []
