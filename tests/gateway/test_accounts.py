"""Accounts: single and in batches, with every fault named."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI

from services.chassis.database.db import Database
from tests.gateway.people import PASSWORD, Platform, code_of, faults_of, tokens
from tests.support.transactions import statements


def account(username: str, **fields: Any) -> dict[str, Any]:
    return {"username": username, "display_name": "测试", "password": PASSWORD} | fields


@pytest.mark.quick("gateway.accounts")
async def test_a_created_account_is_read_back(platform: Platform, name: str) -> None:
    created = await platform.create(name, bureau_code="620123", staff_no="T9")
    assert created.status_code == 201
    document = created.json()
    assert document["roles"] == []
    assert document["status"] == "active"
    assert not {"password", "password_hash", "failed_logins"} & document.keys()
    for caller in (platform.sysadmin, platform.secadmin, platform.auditor):
        read = await platform.http.get(f"/v1/accounts/{name}", headers=caller)
        assert read.json() == document
        listed = await platform.http.get("/v1/accounts", params={"username": name}, headers=caller)
        assert listed.json()["data"] == [document | {"etag": '"1"'}]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"password": "kurz&gut!"}, ("/password", "string_too_short")),
        ({"password": "x" * 129}, ("/password", "string_too_long")),
        ({"password": "a\0aaaaaaaaaaa"}, ("/password", "text.nul")),
        (
            {"username": "longername.1", "password": "LongerName.1"},
            ("/password", "password.is_username"),
        ),
        ({"username": "a b"}, ("/username", "string_pattern_mismatch")),
        ({"username": "x" * 65}, ("/username", "string_pattern_mismatch")),
        ({"bureau_code": "62"}, ("/bureau_code", "string_pattern_mismatch")),
        ({"schools": ["2162000001"]}, ("/bureau_code", "bureau_code.missing")),
        ({"staff_no": "T1"}, ("/bureau_code", "bureau_code.missing")),
        ({"roles": ["bureau_admin"]}, ("/roles", "extra_forbidden")),
        ({"display_name": " "}, ("/display_name", "string_too_short")),
    ],
)
async def test_faults_of_new_accounts_are_named(
    platform: Platform, name: str, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    body = account(name) | changes
    answer = await platform.http.post("/v1/accounts", json=body, headers=platform.sysadmin)
    assert answer.status_code == 422
    assert faults_of(answer) == {fault}
    if "password" in changes:
        assert changes["password"] not in answer.text


async def test_a_taken_name_is_a_conflict(platform: Platform, name: str) -> None:
    await platform.create(name)
    again = await platform.create(name.upper())
    assert again.status_code == 409
    assert code_of(again) == "accounts.username_taken"
    assert faults_of(again) == {("/username", "username.taken")}


async def test_of_two_at_once_one_is_created(platform: Platform, name: str) -> None:
    answers = await asyncio.gather(*(platform.create(name) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_a_batch_is_created_and_granted_in_three_calls(platform: Platform, name: str) -> None:
    names = [f"{name}{i}" for i in range(5)]
    items = [account(n, bureau_code="620123", schools=["2162000001"]) for n in names]
    created = await platform.http.post(
        "/v1/accounts:batch", json={"items": items}, headers=platform.sysadmin
    )
    assert (created.status_code, created.json()) == (201, {"created": 5})
    grants = [{"username": n, "roles": ["school_head", "school_officer"]} for n in names]
    granted = await platform.http.post(
        "/v1/accounts:grant", json={"items": grants}, headers=platform.secadmin
    )
    assert (granted.status_code, granted.json()) == (200, {"granted": 5})
    assert "participation_records:write" in (await tokens(platform.http, names[4])).json()["scope"]


async def test_a_batch_is_all_or_nothing(platform: Platform, name: str) -> None:
    await platform.create(f"{name}1")
    items = [account(f"{name}{i}") for i in range(3)]
    answer = await platform.http.post(
        "/v1/accounts:batch", json={"items": items}, headers=platform.sysadmin
    )
    assert faults_of(answer) == {("/items/1/username", "username.taken")}
    missing = await platform.http.get(f"/v1/accounts/{name}0", headers=platform.auditor)
    assert code_of(missing) == "accounts.not_found"


async def test_all_faults_of_a_batch_are_named_at_once(platform: Platform, name: str) -> None:
    twice = {"items": [account(name), account(name.upper()), account(f"{name}x")]}
    answer = await platform.http.post("/v1/accounts:batch", json=twice, headers=platform.sysadmin)
    assert faults_of(answer) == {("/items/1/username", "username.duplicate")}
    bad = {"items": [account(name, password="x"), account("?")]}
    answer = await platform.http.post("/v1/accounts:batch", json=bad, headers=platform.sysadmin)
    assert faults_of(answer) == {
        ("/items/0/password", "string_too_short"),
        ("/items/1/username", "string_pattern_mismatch"),
    }


async def test_a_batch_has_a_size(platform: Platform, name: str) -> None:
    for items in ([], [account(f"{name}{i}", password="x") for i in range(1001)]):
        answer = await platform.http.post(
            "/v1/accounts:batch", json={"items": items}, headers=platform.sysadmin
        )
        assert answer.status_code in (413, 422)


async def test_a_batch_of_grants_is_all_or_nothing(platform: Platform, name: str) -> None:
    await platform.create(name, bureau_code="620123")
    grants = [
        {"username": name, "roles": ["bureau_admin"]},
        {"username": f"no-{name}", "roles": ["bureau_admin"]},
    ]
    answer = await platform.http.post(
        "/v1/accounts:grant", json={"items": grants}, headers=platform.secadmin
    )
    assert faults_of(answer) == {("/items/1/username", "account.unknown")}
    account_now = await platform.http.get(f"/v1/accounts/{name}", headers=platform.auditor)
    assert account_now.json()["roles"] == []


async def test_a_batch_takes_as_many_statements_whatever_its_size(
    platform: Platform, app: FastAPI, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{name}{i}" for i in range(8)]
    taken = []
    for some in (names[:1], names[1:3], names[3:]):  # the first one warms up
        items = [account(one, bureau_code="620123") for one in some]
        grants = [{"username": one, "roles": ["supervisor"]} for one in some]
        with statements(monkeypatch, app.state.resources[Database]) as sent:
            for verb, body, headers in (
                ("batch", items, platform.sysadmin),
                ("grant", grants, platform.secadmin),
            ):
                path = f"/v1/accounts:{verb}"
                answer = await platform.http.post(path, json={"items": body}, headers=headers)
                assert answer.is_success, answer.text
        taken.append(len([one for one in sent if "account " in one.lower()]))
    assert 0 < taken[1] == taken[2]
    read = await platform.http.get(f"/v1/accounts/{names[7]}", headers=platform.auditor)
    assert (read.json()["roles"], read.json()["version"]) == (["supervisor"], 2)
    path = f"/v1/accounts/{read.json()['id']}/history"
    history = (await platform.http.get(path, headers=platform.auditor)).json()["data"]
    assert [entry["operation"] for entry in history] == ["update", "insert"]
    assert history[0]["changes"]["roles"] == [[], ["supervisor"]]


async def test_changes_are_checked_as_a_whole(platform: Platform, name: str) -> None:
    await platform.create(name, bureau_code="620123", staff_no="T1")
    faults = faults_of(await platform.change(name, bureau_code=None))
    assert faults == {("/bureau_code", "bureau_code.missing")}
    assert (await platform.change(name, bureau_code=None, staff_no=None)).status_code == 200
    assert faults_of(await platform.change(name, display_name=None)) == {
        ("/display_name", "patch.null")
    }
    assert faults_of(await platform.change(name, roles=[])) == {("/roles", "extra_forbidden")}
    unknown = await platform.change(f"no-{name}", display_name="x")
    assert code_of(unknown) == "accounts.not_found"


async def test_names_from_elsewhere_are_problems(platform: Platform) -> None:
    for path in ("/v1/accounts/%00", "/v1/accounts/..%2Fx", "/v1/accounts/" + "x" * 5000):
        answer = await platform.http.get(path, headers=platform.auditor)
        assert answer.status_code in (404, 422)
        assert code_of(answer)
