"""Logins, changes of password and failures that meet on one account."""

import asyncio

import pytest
from fastapi import FastAPI

from services.chassis.database.db import Database
from tests.gateway.crowd import OTHER, Crowd, Refreshing
from tests.gateway.people import PASSWORD, Headers, Platform, code_of, refresh, tokens


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
    async with app.state.resources[Database].connection(None) as connection:
        failures = await connection.fetchval(
            "select failed_logins from account where username = $1", name
        )
    assert failures == 4
    assert (await platform.change(name, status="disabled")).status_code == 200
    async with asyncio.timeout(300):
        await running
    assert clients.faults == []
