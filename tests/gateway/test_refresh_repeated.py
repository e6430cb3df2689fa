"""A refresh token that is sent twice: answered again within seconds, the session's end later."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from gateway.sessions.refresh_tokens import hash_of
from gateway.sessions.refresh_tokens import session_of as session_id_of
from gateway.sessions.store import delete_expired
from services.chassis.database.db import Database
from tests.gateway.people import PASSWORD, Platform, code_of, refresh, session_of, tokens
from tests.gateway.serving import exchange

WINDOW = timedelta(seconds=30)


async def pass_time(app: FastAPI, token: str, seconds: float) -> None:
    """Let the last exchange of a token's session lie further back."""
    async with app.state.resources[Database].connection(None) as connection:
        await connection.execute(
            "update login_session set rotated_at = rotated_at - $2::interval where id = $1",
            session_id_of(token),
            timedelta(seconds=seconds),
        )


async def stored_answer(app: FastAPI, token: str) -> bytes | None:
    """What is kept for the last exchange of a token's session."""
    async with app.state.resources[Database].connection(None) as connection:
        kept: bytes | None = await connection.fetchval(
            "select answer from login_session where id = $1", session_id_of(token)
        )
    return kept


async def test_sent_again_it_is_answered_again(platform: Platform, name: str) -> None:
    first = await session_of(platform, name)
    answers = [await refresh(platform.http, first) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].headers["cache-control"] == "no-store"
    following = answers[0].json()["refresh_token"]
    assert (await refresh(platform.http, following)).status_code == 200


async def test_all_that_arrive_at_once_get_one_answer(platform: Platform, name: str) -> None:
    token = await session_of(platform, name)
    for _ in range(5):
        answers = await asyncio.gather(*(refresh(platform.http, token) for _ in range(8)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        token = answers[0].json()["refresh_token"]


async def test_a_client_that_lost_the_answer_asks_again(
    platform: Platform, name: str, address: str, app: FastAPI
) -> None:
    token = await session_of(platform, name)
    host, _, port = address.removeprefix("http://").partition(":")
    body = f"grant_type=refresh_token&refresh_token={token}".encode()
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\n%s" % (len(body), body)
    )
    await writer.drain()
    while await stored_answer(app, token) is None:
        await asyncio.sleep(0.01)
    writer.close()
    again = await refresh(platform.http, token)
    assert again.status_code == 200
    assert (await refresh(platform.http, again.json()["refresh_token"])).status_code == 200


async def test_later_it_ends_the_session_and_no_other(
    app: FastAPI, platform: Platform, name: str
) -> None:
    first = await session_of(platform, name)
    other = (await tokens(platform.http, name)).json()["refresh_token"]
    second = (await refresh(platform.http, first)).json()["refresh_token"]
    await pass_time(app, first, WINDOW.total_seconds() - 5)
    assert (await refresh(platform.http, first)).status_code == 200, "still in time"
    await pass_time(app, first, 6)
    for token in (first, second, first):
        assert code_of(await refresh(platform.http, token)) == "oauth.invalid_grant"
    assert (await refresh(platform.http, other)).status_code == 200, "another login is untouched"


async def test_an_older_one_ends_the_session_at_once(platform: Platform, name: str) -> None:
    first = await session_of(platform, name)
    second = (await refresh(platform.http, first)).json()["refresh_token"]
    third = (await refresh(platform.http, second)).json()["refresh_token"]
    assert (await refresh(platform.http, second)).status_code == 200, "one generation back"
    for token in (first, third, second):
        assert code_of(await refresh(platform.http, token)) == "oauth.invalid_grant"


@pytest.mark.parametrize("end", ["revoked", "disabled", "password", "reset", "binding"])
async def test_the_answer_does_not_outlive_its_session(
    platform: Platform, name: str, app: FastAPI, end: str
) -> None:
    headers = await platform.person(name, "bureau_admin", bureau_code="620123")
    first = (await tokens(platform.http, name)).json()["refresh_token"]
    second = (await refresh(platform.http, first)).json()["refresh_token"]
    change = {"current_password": PASSWORD, "new_password": "another pass phrase"}
    ended = {
        "revoked": lambda: platform.http.post("/oauth/revoke", data={"token": second}),
        "disabled": lambda: platform.change(name, status="disabled"),
        "password": lambda: platform.http.post("/v1/me/password", json=change, headers=headers),
        "reset": lambda: platform.change(name, password="another pass phrase"),
        "binding": lambda: platform.change(name, staff_no="T7"),
    }
    assert (await ended[end]()).is_success
    assert await stored_answer(app, first) is None
    for token in (first, second):
        assert code_of(await refresh(platform.http, token)) == "oauth.invalid_grant"


async def test_a_revoked_session_is_named_by_any_of_its_tokens(
    platform: Platform, name: str
) -> None:
    first = await session_of(platform, name)
    second = (await refresh(platform.http, first)).json()["refresh_token"]
    assert (await platform.http.post("/oauth/revoke", data={"token": first})).status_code == 200
    assert code_of(await refresh(platform.http, second)) == "oauth.invalid_grant"


async def test_the_kept_answer_opens_with_its_token_only(
    app: FastAPI, platform: Platform, name: str
) -> None:
    first, other = await session_of(platform, name), await session_of(platform, f"{name}x")
    for token in (first, other):
        assert (await refresh(platform.http, token)).status_code == 200
    taken = await stored_answer(app, other)
    async with app.state.resources[Database].connection(None) as connection:
        await connection.execute(
            "update login_session set answer = $2 where id = $1", session_id_of(first), taken
        )
    assert code_of(await refresh(platform.http, first)) == "oauth.invalid_grant"


async def test_what_is_over_is_cleared_away(app: FastAPI, platform: Platform, name: str) -> None:
    over, kept, fresh = [await session_of(platform, f"{name}{end}") for end in "abc"]
    following = {}
    for token in (over, kept, fresh):
        for _ in range(3):
            following[token] = (await refresh(platform.http, token)).json()["refresh_token"]
    await pass_time(app, kept, 31)
    database = app.state.resources[Database]
    async with database.connection(None) as connection:
        await connection.execute(
            "update login_session set expires_at = now() - interval '1 s' where id = $1",
            session_id_of(over),
        )
    await delete_expired(database, WINDOW)
    async with database.connection(None) as connection:
        ids = [session_id_of(token) for token in (over, kept, fresh)]
        rows = await connection.fetch(
            "select id, answer is not null as answers, token_hash from login_session "
            "where id = any($1)",
            ids,
        )
    left = {row["id"]: (row["answers"], row["token_hash"]) for row in rows}
    assert left == {
        ids[1]: (False, hash_of(following[kept])),
        ids[2]: (True, hash_of(following[fresh])),
    }
    assert (await refresh(platform.http, following[kept])).status_code == 200
    assert (await refresh(platform.http, fresh)).status_code == 200


@pytest.mark.parametrize(
    "form", ["jhr_", "jhr_%00", "jhr_" + "A" * 64, "jhr_" + "é" * 60, "A" * 64]
)
async def test_what_is_no_token_of_a_session_is_refused(
    http: httpx.AsyncClient, address: str, form: str
) -> None:
    assert code_of(await refresh(http, form)) in ("oauth.invalid_grant", "platform.invalid")
    revoked = await http.post("/oauth/revoke", data={"token": form})
    assert revoked.status_code in (200, 422)
    body = f"grant_type=refresh_token&refresh_token={form}".encode()
    raw = await exchange(
        address,
        b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\n%s" % (len(body), body),
    )
    assert raw.split(b" ", 2)[1] in (b"400", b"422")
