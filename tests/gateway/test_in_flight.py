"""Requests in flight when a session ends, or a client loses its right, come to nothing."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest

from tests.gateway.crowd import Crowd, waiting
from tests.gateway.people import Headers, Platform, code_of, refresh, tokens


async def token_for(http: httpx.AsyncClient, client: dict[str, Any]) -> httpx.Response:
    """The answer to a client that asks for a token."""
    proof = {name: client[name] for name in ("client_id", "client_secret")}
    return await http.post("/oauth/token", data={"grant_type": "client_credentials"} | proof)


@pytest.mark.parametrize("end", ["its secret is deleted", "it is disabled"])
async def test_a_client_gets_no_token_once_it_has_lost_its_right(
    platform: Platform, crowd: Crowd, name: str, end: str
) -> None:
    client = await platform.client(name)
    path, headers = f"/v1/clients/{name}", platform.secadmin
    for _ in range(5):
        asked = [asyncio.create_task(token_for(one, client)) for one in crowd]
        await asked[0]
        if end == "it is disabled":
            body = {"status": "disabled"}
            ended = await platform.http.patch(path, json=body, headers=headers)
        else:
            secret = client["secrets"][0]["id"]
            ended = await platform.http.delete(f"{path}/secrets/{secret}", headers=headers)
        assert ended.status_code in (200, 204), ended.text
        assert code_of(await token_for(crowd[0], client)) == "oauth.invalid_client"
        answers = await asyncio.gather(*asked)
        assert {answer.status_code for answer in answers} <= {200, 401}
        if end == "it is disabled":
            body = {"status": "active"}
            assert (await platform.http.patch(path, json=body, headers=headers)).is_success
        else:
            added = (await platform.http.post(f"{path}/secrets", headers=headers)).json()
            client |= {"secrets": [added], "client_secret": added["client_secret"]}


@pytest.mark.parametrize(
    "change",
    [
        "delete from gateway.client_secret where client_row = $1",
        "update gateway.client set status = 'disabled' where id = $1",
    ],
)
async def test_a_request_in_flight_gets_none_either(
    platform: Platform,
    name: str,
    change: str,
    admin: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    client = await platform.client(name)
    async with admin.transaction():
        await admin.execute(
            "select from gateway.client where client_id = $1 for no key update", name
        )
        asked = asyncio.create_task(token_for(platform.http, client))
        await waiting(admin)
        await admin.execute(change, client["id"])
    assert code_of(await asked) == "oauth.invalid_client"


@pytest.mark.parametrize("in_flight", ["refresh", "replay", "revoke"])
async def test_what_is_in_flight_when_the_password_changes_comes_to_nothing(
    platform: Platform,
    name: str,
    in_flight: str,
    headers: Headers,
    admin: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    assert headers
    token = (await tokens(platform.http, name)).json()["refresh_token"]
    if in_flight == "replay":
        assert (await refresh(platform.http, token)).status_code == 200
    account = await admin.fetchval("select id from gateway.account where username = $1", name)
    async with admin.transaction():
        await admin.execute("select from gateway.account where id = $1 for no key update", account)
        if in_flight == "revoke":
            form = {"token": token}
            asked = asyncio.create_task(platform.http.post("/oauth/revoke", data=form))
        else:
            asked = asyncio.create_task(refresh(platform.http, token))
        await waiting(admin)
        await admin.execute("delete from gateway.login_session where account_id = $1", account)
    answer = await asked
    if in_flight == "revoke":
        assert answer.status_code == 200
    else:
        assert code_of(answer) == "oauth.invalid_grant"
    assert code_of(await refresh(platform.http, token)) == "oauth.invalid_grant"
