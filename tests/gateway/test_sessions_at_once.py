"""Sessions end at the first try, however many clients refresh them meanwhile."""

import asyncio
from functools import partial

import pytest

from tests.gateway.crowd import OTHER, Crowd, Refreshing, end_while_refreshing
from tests.gateway.people import PASSWORD, Headers, Platform, code_of, refresh, tokens

ROUNDS = 20


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
