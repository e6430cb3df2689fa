"""Every POST of the gateway, sent twice."""

import pytest
from fastapi import FastAPI

from tests.gateway.people import PASSWORD, Platform
from tests.support.repeating import ok, repeating

NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.mark.usefixtures("rotatable")
async def test_every_post_is_answered_again_or_says_that_it_is_not(
    app: FastAPI, platform: Platform, name: str
) -> None:
    http, sysadmin, secadmin = platform.http, platform.sysadmin, platform.secadmin
    with repeating(app, http):
        caller = await platform.person(name, bureau_code="620123")
        account = {"username": f"{name}b", "display_name": "测试", "password": PASSWORD}
        batch = {"items": [account | {"bureau_code": "620123"}]}
        ok(await http.post("/v1/accounts:batch", json=batch, headers=sysadmin))
        grants = {"items": [{"username": f"{name}b", "roles": ["bureau_admin"]}]}
        ok(await http.post("/v1/accounts:grant", json=grants, headers=secadmin))
        ok(await http.post("/v1/audit:verify", headers=platform.auditor))
        ok(await http.post("/v1/names", json={"ids": [NOBODY]}, headers=platform.auditor))
        link = {"path": "/schools/v1/import-templates/staff.xlsx"}
        ok(await http.post("/v1/links", json=link, headers=caller))
        client = await platform.client(name)
        ok(await http.post(f"/v1/clients/{name}/secrets", headers=secadmin))
        credentials = {"client_id": name, "client_secret": client["client_secret"]}
        form = {"grant_type": "client_credentials"} | credentials
        ok(await http.post("/oauth/token", data=form))
        ok(await http.post("/oauth/revoke", data={"token": "jhr_unknown"}))
        change = {"current_password": PASSWORD, "new_password": f"{PASSWORD} anew"}
        ok(await http.post("/v1/me/password", json=change, headers=caller))
        ok(await http.post("/v1/signing-keys:rotate", headers=secadmin))


async def test_a_login_is_a_session_of_its_own_even_with_a_token_and_a_key(
    platform: Platform, name: str
) -> None:
    caller = await platform.person(name, bureau_code="620123")
    body = {"username": name, "password": PASSWORD}
    headers = caller | {"Idempotency-Key": name}
    first, again = [
        await platform.http.post("/v1/login", json=body, headers=headers) for _ in range(2)
    ]
    assert ok(first)["refresh_token"] != ok(again)["refresh_token"]
