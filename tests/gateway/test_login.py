"""Logging in, being locked out, and one's own password."""

import asyncio
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from gateway.passwords import Passwords
from tests.gateway.people import PASSWORD, Platform, code_of, faults_of, log_in, tokens

ATTEMPTS = 5


@pytest.mark.quick("gateway.sessions")
async def test_a_login_gives_a_token_with_the_accounts_claims(
    platform: Platform, name: str
) -> None:
    headers = await platform.person(
        name, "school_officer", bureau_code="620123", schools=["2162000001"], staff_no="T1"
    )
    me = (await platform.http.get("/v1/me", headers=headers)).json()
    assert me["kind"] == "account"
    assert (me["name"], me["bureau"], me["schools"]) == (name, "620123", ["2162000001"])
    assert (me["staff_no"], me["roles"]) == ("T1", ["school_officer"])
    assert me["display_name"]
    assert [title["role"] for title in me["role_titles"]] == me["roles"]
    assert me["role_titles"][0]["title_en"] == "School appraisal officer"
    assert "participation_records:write" in me["scopes"]
    assert "codes:read" in me["scopes"]


async def test_the_answer_is_what_oauth_clients_expect(
    http: httpx.AsyncClient, platform: Platform, name: str
) -> None:
    await platform.create(name)
    answer = await tokens(http, name)
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 1800)
    assert body["scope"] == "codes:read"


async def test_the_name_is_taken_in_any_case(platform: Platform, name: str) -> None:
    created = await platform.create(name.upper())
    assert created.json()["username"] == name
    assert (await tokens(platform.http, f" {name.title()} ")).status_code == 200


@pytest.mark.parametrize("password", ["wrong password", "", "x" * 128])
async def test_wrong_and_unknown_are_told_alike(
    platform: Platform, name: str, password: str
) -> None:
    await platform.create(name)
    wrong = await tokens(platform.http, name, password)
    unknown = await tokens(platform.http, f"no-{name}", password)
    assert wrong.status_code == unknown.status_code == 401
    assert code_of(wrong) == code_of(unknown) == "auth.login_failed"
    assert wrong.json()["detail"] == unknown.json()["detail"]
    assert wrong.headers["www-authenticate"] == unknown.headers["www-authenticate"]
    assert wrong.headers["www-authenticate"] == 'Bearer realm="junheng"'


async def test_an_unknown_name_costs_as_much_as_a_known_one(
    app: FastAPI, http: httpx.AsyncClient
) -> None:
    verified: list[str | None] = []
    passwords = app.state.resources[Passwords]
    original = passwords._verify

    def counted(stored: str | None, given: str) -> bool:
        verified.append(stored)
        return bool(original(stored, given))

    passwords._verify = counted
    try:
        assert (await tokens(http, "nobody-at-all")).status_code == 401
    finally:
        passwords._verify = original
    assert verified == [None], "a hash was computed although there is none to compare with"


async def test_too_many_failures_lock_and_time_unlocks(platform: Platform, name: str) -> None:
    await platform.create(name)
    for _ in range(ATTEMPTS):
        assert code_of(await tokens(platform.http, name, "wrong")) == "auth.login_failed"
    locked = await tokens(platform.http, name)
    assert locked.status_code == 429
    assert code_of(locked) == "auth.account_locked"
    assert 800 < int(locked.headers["retry-after"]) <= 900
    unlocked = await platform.change(name, status="active")
    assert unlocked.json()["locked_until"] is None
    assert (await tokens(platform.http, name)).status_code == 200


async def test_a_good_login_starts_the_count_again(platform: Platform, name: str) -> None:
    await platform.create(name)
    for _ in range(2):
        for _ in range(ATTEMPTS - 1):
            await tokens(platform.http, name, "wrong")
        assert (await tokens(platform.http, name)).status_code == 200


async def test_parallel_guesses_are_counted_one_by_one(platform: Platform, name: str) -> None:
    await platform.create(name)
    guesses = await asyncio.gather(*(tokens(platform.http, name, "wrong") for _ in range(12)))
    codes = [code_of(guess) for guess in guesses]
    assert codes.count("auth.login_failed") == ATTEMPTS
    assert codes.count("auth.account_locked") == 12 - ATTEMPTS


async def test_a_disabled_account_is_told_nothing(platform: Platform, name: str) -> None:
    await platform.create(name)
    assert (await platform.change(name, status="disabled")).status_code == 200
    assert code_of(await tokens(platform.http, name)) == "auth.login_failed"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"username": "a\0b", "password": PASSWORD}, 422),
        ({"username": "a", "password": "x\0"}, 422),
        ({"username": "a", "password": "x" * 129}, 422),
        ({"username": "a"}, 422),
        ({"username": "a", "password": "x", "extra": 1}, 422),
        ([], 422),
        ({"username": ["a"], "password": "x"}, 422),
    ],
)
async def test_malformed_logins_are_problems(
    http: httpx.AsyncClient, body: object, status: int
) -> None:
    answer = await http.post("/v1/login", json=body)
    assert answer.status_code == status
    assert code_of(answer) == "platform.invalid"
    assert PASSWORD not in answer.text


async def test_people_change_their_own_password(platform: Platform, name: str) -> None:
    headers = await platform.person(name, "bureau_admin", bureau_code="620123")
    session = (await tokens(platform.http, name)).json()
    change = {"current_password": PASSWORD, "new_password": "another pass phrase"}
    changed = await platform.http.post("/v1/me/password", json=change, headers=headers)
    assert changed.status_code == 204
    assert (await tokens(platform.http, name)).status_code == 401
    me = await platform.http.get(
        "/v1/me", headers=await log_in(platform.http, name, "another pass phrase")
    )
    assert me.json()["roles"] == ["bureau_admin"], "one's own change keeps the roles"
    refreshed = await platform.http.post(
        "/oauth/token",
        data={"grant_type": "refresh_token", "refresh_token": session["refresh_token"]},
    )
    assert code_of(refreshed) == "oauth.invalid_grant", "other sessions have ended"


async def test_a_password_and_the_answer_under_its_key_are_written_together(
    platform: Platform, name: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    headers = await platform.person(name, "bureau_admin", bureau_code="620123")
    change = {"current_password": PASSWORD, "new_password": "another pass phrase"}
    keyed = headers | {"Idempotency-Key": name}
    for _ in range(2):
        changed = await platform.http.post("/v1/me/password", json=change, headers=keyed)
        assert changed.status_code == 204
    are_one = await admin.fetchval(
        "select a.xmin = i.xmin from gateway.account a "
        "join gateway.idempotency i on i.subject = a.id::text where a.username = $1",
        name,
    )
    assert are_one, "the transaction that wrote the one wrote the other"


async def test_the_new_password_is_checked_like_the_first(platform: Platform, name: str) -> None:
    headers = await platform.person(name, "bureau_admin", bureau_code="620123")

    async def attempt(current: str, new: str) -> httpx.Response:
        body = {"current_password": current, "new_password": new}
        return await platform.http.post("/v1/me/password", json=body, headers=headers)

    assert code_of(await attempt("wrong", "another pass phrase")) == "auth.login_failed"
    assert faults_of(await attempt(PASSWORD, name)) == {("/new_password", "password.is_username")}
    assert faults_of(await attempt(PASSWORD, "short")) == {("/new_password", "string_too_short")}
    assert (await tokens(platform.http, name)).status_code == 200


async def test_a_client_has_no_password(platform: Platform) -> None:
    client = await platform.client(f"c-{uuid4().hex[:8]}")
    token = await platform.http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(client["client_id"], client["client_secret"]),
    )
    answer = await platform.http.post(
        "/v1/me/password",
        json={"current_password": "x", "new_password": PASSWORD},
        headers={"Authorization": f"Bearer {token.json()['access_token']}"},
    )
    assert code_of(answer) == "auth.no_password"


async def test_passwords_are_stored_as_owasp_recommends() -> None:
    passwords = Passwords()
    try:
        stored = await passwords.hash(PASSWORD)
    finally:
        passwords.close()
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
