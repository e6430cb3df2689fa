"""Refresh tokens: exchanged one after the other, until the session ends."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from gateway.application import build_gateway
from gateway.sessions.refresh_tokens import session_of as session_id_of
from gateway.settings import GatewaySettings
from services.chassis.database.db import Database
from services.chassis.runtime import maintenance
from tests.gateway.people import Platform, code_of, refresh, session_of
from tests.gateway.serving import serving


@pytest.mark.quick("gateway.sessions")
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
            "select s.expires_at - now() as left from login_session s "
            "join account a on a.id = s.account_id where a.username = $1",
            name,
        )
        assert max(row["left"] for row in left) <= timedelta(hours=12)
        await connection.execute(
            "update login_session set expires_at = now() where account_id = "
            "(select id from account where username = $1)",
            name,
        )
    assert code_of(await refresh(platform.http, second)) == "oauth.invalid_grant"


async def test_no_token_is_stored_so_that_it_can_be_read(
    app: FastAPI, platform: Platform, name: str
) -> None:
    token = await session_of(platform, name)
    answer = (await refresh(platform.http, token)).json()
    async with app.state.resources[Database].connection(None) as connection:
        rows = await connection.fetch("select * from login_session where answer is not null")
    assert rows
    stored = b" ".join(
        value if isinstance(value, bytes) else str(value).encode()
        for row in rows
        for value in row.values()
    )
    for secret in (token, answer["refresh_token"], answer["access_token"], "access_token"):
        assert secret.encode() not in stored


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


async def test_a_session_takes_one_row_however_often_it_is_refreshed(
    app: FastAPI, platform: Platform, name: str
) -> None:
    token = await session_of(platform, name)
    for _ in range(10):
        token = (await refresh(platform.http, token)).json()["refresh_token"]
    async with app.state.resources[Database].connection(None) as connection:
        count = await connection.fetchval(
            "select count(*) from login_session s join account a on a.id = s.account_id "
            "where a.username = $1",
            name,
        )
    assert count == 2, "the login of the test's headers, and the one refreshed"


async def test_the_gateway_clears_sessions_away_by_itself(
    app: FastAPI, platform: Platform, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await session_of(platform, name)
    async with app.state.resources[Database].connection(None) as connection:
        await connection.execute(
            "update login_session set expires_at = now() - interval '1 s' where id = $1",
            session_id_of(token),
        )
    monkeypatch.setattr(maintenance, "_PERIOD_SECONDS", 0.05)
    other = build_gateway(GatewaySettings.for_service("gateway", jobs="inline"))
    async with serving(other), asyncio.timeout(300):
        is_there = True
        while is_there:
            await asyncio.sleep(0.05)
            async with app.state.resources[Database].connection(None) as connection:
                is_there = await connection.fetchval(
                    "select exists (select from login_session where id = $1)",
                    session_id_of(token),
                )


def test_the_time_can_be_shortened_and_not_be_lengthened() -> None:
    assert GatewaySettings.model_validate({"refresh_replay_seconds": 0}).refresh_replay_seconds == 0
    with pytest.raises(ValueError, match="less than or equal to 30"):
        GatewaySettings.model_validate({"refresh_replay_seconds": 31})
