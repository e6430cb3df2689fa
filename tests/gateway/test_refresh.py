"""Refresh tokens: one use each, and a second use ends the session."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.database.db import Database
from tests.gateway.people import Platform, code_of, tokens


async def refresh(http: httpx.AsyncClient, token: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return await http.post("/oauth/token", data=form)


async def session_of(platform: Platform, name: str) -> str:
    await platform.person(name, "bureau_admin", bureau_code="620123")
    token: str = (await tokens(platform.http, name)).json()["refresh_token"]
    return token


async def test_a_token_is_exchanged_for_the_next(platform: Platform, name: str) -> None:
    first = await session_of(platform, name)
    answer = await refresh(platform.http, first)
    assert answer.status_code == 200
    second = answer.json()
    assert second["refresh_token"] != first
    assert "cycles:write" in second["scope"]
    headers = {"Authorization": f"Bearer {second['access_token']}"}
    assert (await platform.http.get("/v1/me", headers=headers)).json()["name"] == name
    assert (await refresh(platform.http, second["refresh_token"])).status_code == 200


async def test_a_second_use_ends_the_whole_session(platform: Platform, name: str) -> None:
    first = await session_of(platform, name)
    other = (await tokens(platform.http, name)).json()["refresh_token"]
    second = (await refresh(platform.http, first)).json()["refresh_token"]
    assert code_of(await refresh(platform.http, first)) == "oauth.invalid_grant"
    assert code_of(await refresh(platform.http, second)) == "oauth.invalid_grant"
    assert (await refresh(platform.http, other)).status_code == 200, "another login is untouched"


async def test_of_two_uses_at_once_one_wins(platform: Platform, name: str) -> None:
    first = await session_of(platform, name)
    answers = await asyncio.gather(*(refresh(platform.http, first) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


async def test_roles_are_read_anew(platform: Platform, name: str) -> None:
    token = await session_of(platform, name)
    await platform.grant(name, "bureau_leader")
    answer = (await refresh(platform.http, token)).json()
    assert "cases:decide" in answer["scope"]
    assert "cycles:write" not in answer["scope"]


async def test_a_disabled_account_is_refused(platform: Platform, name: str) -> None:
    token = await session_of(platform, name)
    await platform.change(name, status="disabled")
    assert code_of(await refresh(platform.http, token)) == "oauth.invalid_grant"
    await platform.change(name, status="active")
    assert code_of(await refresh(platform.http, token)) == "oauth.invalid_grant"


async def test_a_session_ends_twelve_hours_after_its_login(
    app: FastAPI, platform: Platform, name: str
) -> None:
    token = await session_of(platform, name)
    second = (await refresh(platform.http, token)).json()["refresh_token"]
    async with app.state.resources[Database].connection(None) as connection:
        left = await connection.fetch(
            "select distinct t.expires_at - now() as left from refresh_token t "
            "join account a on a.id = t.account_id where a.username = $1 and used_at is null",
            name,
        )
        assert max(row["left"] for row in left) <= timedelta(hours=12)
        await connection.execute(
            "update refresh_token set expires_at = now() where account_id = "
            "(select id from account where username = $1)",
            name,
        )
    assert code_of(await refresh(platform.http, second)) == "oauth.invalid_grant"


async def test_only_hashes_are_stored(app: FastAPI, platform: Platform, name: str) -> None:
    token = await session_of(platform, name)
    async with app.state.resources[Database].connection(None) as connection:
        rows = await connection.fetch("select t::text as text from refresh_token t")
    assert rows
    assert not any(token in row["text"] for row in rows)


async def test_logging_out_revokes_the_session(platform: Platform, name: str) -> None:
    first = await session_of(platform, name)
    second = (await refresh(platform.http, first)).json()["refresh_token"]
    assert (await platform.http.post("/oauth/revoke", data={"token": first})).status_code == 200
    assert code_of(await refresh(platform.http, second)) == "oauth.invalid_grant"
    again = await platform.http.post("/oauth/revoke", data={"token": "unknown"})
    assert again.status_code == 200, "RFC 7009: an unknown token is no error"


@pytest.mark.parametrize("token", ["", "jhr_unknown", "x" * 200])
async def test_other_tokens_are_refused(http: httpx.AsyncClient, token: str) -> None:
    answer = await refresh(http, token)
    assert answer.status_code == 400
    assert code_of(answer) in ("oauth.invalid_grant", "oauth.invalid_request")
