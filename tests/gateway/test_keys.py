"""Signing keys: published, kept, wrapped, rotated."""

import asyncio
import base64
import os

import httpx
import pytest
from fastapi import FastAPI
from jose import jwt

from gateway.keys.pair import WrongMasterKey, new_key_pair, unwrap, wrap
from gateway.keys.store import SigningKeys
from services.chassis.database.auth import TokenVerifier
from services.chassis.database.db import Database
from tests.gateway.conftest import PUBLIC
from tests.gateway.people import Platform, code_of


async def test_the_public_keys_verify_tokens_and_nothing_private_is_told(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    answer = await http.get("/.well-known/jwks.json")
    keys = {key["kid"]: key for key in answer.json()["keys"]}
    assert all("d" not in key for key in keys.values())
    assert {key["alg"] for key in keys.values()} == {"ES256"}
    token = platform.auditor["Authorization"].removeprefix("Bearer ")
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["ES256"], audience="junheng", issuer=PUBLIC)
    assert claims["name"] == "auditor"
    assert claims["exp"] - claims["iat"] == 1800


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "evil.example"},
        {"Host": "evil.example:1", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "ftp"},
        {"Forwarded": "host=evil.example;proto=ftp"},
    ],
)
async def test_the_identity_endpoints_are_where_the_operator_says(
    http: httpx.AsyncClient, platform: Platform, headers: dict[str, str]
) -> None:
    answer = await http.get("/.well-known/openid-configuration", headers=headers)
    provider = answer.json()
    assert "evil" not in answer.text
    token = platform.auditor["Authorization"].removeprefix("Bearer ")
    assert provider["issuer"] == PUBLIC == jwt.get_unverified_claims(token)["iss"]
    addresses = [provider[name] for name in provider if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) == 3
    assert all(address.startswith(f"{PUBLIC}/") for address in addresses)
    keys = await http.get(provider["jwks_uri"].removeprefix(PUBLIC))
    assert keys.status_code == 200
    for name, form in (("revocation_endpoint", {"token": "x"}), ("token_endpoint", {})):
        answer = await http.post(provider[name].removeprefix(PUBLIC), data=form)
        assert answer.status_code in (200, 400)


def test_a_wrapped_key_opens_with_its_master_key_only() -> None:
    master, pair = os.urandom(32), new_key_pair()
    wrapped = wrap(pair, master)
    assert unwrap(pair.kid, wrapped, master) == pair.private
    assert base64.urlsafe_b64decode(pair.private["d"] + "=") not in wrapped
    for kid, key in ((pair.kid, os.urandom(32)), ("other", master)):
        with pytest.raises(WrongMasterKey, match="master_key"):
            unwrap(kid, wrapped, key)


async def test_the_key_is_made_once_however_many_start(app: FastAPI) -> None:
    database = app.state.resources[Database]

    async def start() -> str:
        keys = SigningKeys(database, app.state.resources[SigningKeys]._master_key)
        async with database.connection(None) as connection:
            await keys.ensure(connection)
        return (await keys.current())[0]

    assert len(set(await asyncio.gather(*(start() for _ in range(4))))) == 1


async def test_another_master_key_stops_the_start(app: FastAPI) -> None:
    keys = SigningKeys(app.state.resources[Database], os.urandom(32))
    with pytest.raises(WrongMasterKey):
        await keys.current()


@pytest.mark.quick("gateway.keys")
@pytest.mark.usefixtures("rotatable")
async def test_rotation_keeps_the_old_key_for_an_hour(
    app: FastAPI, platform: Platform, name: str
) -> None:
    old = jwt.get_unverified_header(platform.secadmin["Authorization"].split()[1])["kid"]
    rotated = await platform.http.post("/v1/signing-keys:rotate", headers=platform.secadmin)
    assert rotated.status_code == 201
    new = rotated.json()["kid"]
    headers = await platform.person(name, "bureau_admin", bureau_code="620123")
    assert jwt.get_unverified_header(headers["Authorization"].split()[1])["kid"] == new
    app.state.resources[TokenVerifier]._known.clear()
    for caller in (headers, platform.auditor):
        assert (await platform.http.get("/v1/me", headers=caller)).status_code == 200
    published = (await platform.http.get("/.well-known/jwks.json")).json()["keys"]
    assert [key["kid"] for key in published] == [new, old]
    again = await platform.http.post("/v1/signing-keys:rotate", headers=platform.secadmin)
    assert code_of(again) == "keys.rotation_too_soon"

    async with app.state.resources[Database].connection(None) as connection:
        await connection.execute(
            "update signing_key set retired_at = now() - interval '61 minutes' where kid = $1", old
        )
    app.state.resources[SigningKeys]._read_at = float("-inf")
    app.state.resources[TokenVerifier]._known.clear()
    me = await platform.http.get("/v1/me", headers=platform.auditor)
    assert code_of(me) == "auth.invalid_token"
