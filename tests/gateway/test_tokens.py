"""Tokens that do not hold are refused at the gateway, whatever is wrong with them."""

import asyncio
import base64
import time
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI
from jose import jwk, jwt

from gateway.keys.pair import new_key_pair
from gateway.keys.store import SigningKeys
from tests.chassis.malformed import VALUES, malformed
from tests.gateway.people import Platform, code_of
from tests.gateway.upstream import Upstream

Claims = dict[str, Any]


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(part)).decode().rstrip("=")


async def genuine(app: FastAPI, platform: Platform) -> tuple[Claims, dict[str, Any]]:
    """The claims of a token that holds, and the key that signed it."""
    token = platform.sysadmin["Authorization"].removeprefix("Bearer ")
    _kid, private = await app.state.resources[SigningKeys].current()
    return jwt.get_unverified_claims(token), private


def sign(claims: Claims, private: dict[str, Any], **header: Any) -> str:
    token: str = jwt.encode(
        claims, private, algorithm="ES256", headers={"kid": private["kid"]} | header
    )
    return token


def without(claims: Claims, name: str) -> Claims:
    return {key: value for key, value in claims.items() if key != name}


Make = Callable[[Claims, dict[str, Any]], str]

BAD: dict[str, Make] = {
    "expired": lambda claims, key: sign(claims | {"exp": int(time.time()) - 1}, key),
    "for another audience": lambda claims, key: sign(claims | {"aud": "elsewhere"}, key),
    "from another issuer": lambda claims, key: sign(claims | {"iss": "elsewhere"}, key),
    "not yet issued": lambda claims, key: sign(claims | {"nbf": int(time.time()) + 600}, key),
    "without exp": lambda claims, key: sign(without(claims, "exp"), key),
    "without aud": lambda claims, key: sign(without(claims, "aud"), key),
    "without iss": lambda claims, key: sign(without(claims, "iss"), key),
    "without sub": lambda claims, key: sign(without(claims, "sub"), key),
    "without iat": lambda claims, key: sign(without(claims, "iat"), key),
    "without roles": lambda claims, key: sign(without(claims, "roles"), key),
    "with scopes of a wrong type": lambda claims, key: sign(claims | {"scope": 7}, key),
    "of an unknown key": lambda claims, key: sign(claims, key, kid="unknown"),
    "without a key id": lambda claims, key: sign(claims, key, kid=""),
    "signed by another key": lambda claims, key: sign(
        claims, new_key_pair().private | {"kid": key["kid"]}
    ),
    "alg none": lambda claims, key: (
        f"{encoded({'alg': 'none', 'kid': key['kid']})}.{encoded(claims)}."
    ),
    "alg none with the genuine signature": lambda claims, key: ".".join(
        [
            encoded({"alg": "none", "kid": key["kid"]}),
            encoded(claims),
            sign(claims, key).rpartition(".")[2],
        ]
    ),
    "HS256 keyed with the public key": lambda claims, key: jwt.encode(
        claims, public_pem(key), algorithm="HS256", headers={"kid": key["kid"]}
    ),
    "HS256 keyed with the public JWK": lambda claims, key: jwt.encode(
        claims, encoded({"kty": "EC"}), algorithm="HS256", headers={"kid": key["kid"]}
    ),
    "with a changed claim": lambda claims, key: swapped(sign(claims, key), claims),
    "with a cut signature": lambda claims, key: sign(claims, key)[:-8],
    "oversized": lambda claims, key: sign(claims | {"schools": ["2162000001"] * 2000}, key),
    "three dots": lambda claims, key: "...",
    "with a critical extension": lambda claims, key: sign(claims, key, crit=["b64"], b64=False),
    "with a header that is a deep list": lambda claims, key: deep(sign(claims, key), 0),
    "with claims that are a deep list": lambda claims, key: deep(sign(claims, key), 1),
    "no JSON": lambda claims, key: "bm8.bm8.bm8",
    "a list for a header": lambda claims, key: f"{encoded([])}.{encoded(claims)}.x",
    "not ASCII": lambda claims, key: "令牌".encode().decode("latin-1"),
}


def public_pem(key: dict[str, Any]) -> str:
    public = jwk.construct(key, "ES256").public_key().prepared_key
    pem: bytes = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    # python-jose refuses PEM for HMAC; the header lines are what it looks for.
    return pem.decode().replace("-----", "")


def deep(token: str, place: int) -> str:
    parts = token.split(".")
    parts[place] = base64.urlsafe_b64encode(b"[" * 4000).decode().rstrip("=")
    return ".".join(parts)


def swapped(token: str, claims: Claims) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{encoded(claims | {'bureau': '620123'})}.{signature}"


@pytest.mark.parametrize("bad", BAD)
async def test_bad_tokens_are_refused_before_the_service(
    app: FastAPI, platform: Platform, upstream: Upstream, bad: str
) -> None:
    claims, key = await genuine(app, platform)
    token = BAD[bad](claims, key)
    upstream.requests.clear()
    for path in ("/schools/v1/staff", "/v1/me"):
        header = f"Bearer {token}".encode("latin-1")
        answer = await platform.http.get(path, headers=[(b"Authorization", header)])
        assert answer.status_code == 401, answer.text
        assert code_of(answer) == "auth.invalid_token"
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert upstream.requests == []


@pytest.mark.parametrize("name", VALUES)
async def test_malformed_claims_are_refused(
    app: FastAPI, platform: Platform, upstream: Upstream, name: str
) -> None:
    claims, key = await genuine(app, platform)
    upstream.requests.clear()
    for value in malformed(name):
        headers = {"Authorization": f"Bearer {sign(claims | {name: value}, key)}"}
        for path in ("/schools/v1/staff", "/v1/accounts"):
            answer = await platform.http.get(path, headers=headers)
            assert answer.status_code == 401, (value, answer.text)
            assert code_of(answer) == "auth.invalid_token"
    assert upstream.requests == []


async def test_the_genuine_token_of_these_tests_does_hold(app: FastAPI, platform: Platform) -> None:
    claims, key = await genuine(app, platform)
    headers = {"Authorization": f"Bearer {sign(claims, key)}"}
    assert (await platform.http.get("/v1/me", headers=headers)).status_code == 200


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic YTpi", "token x"])
async def test_no_bearer_token_is_no_login(http: httpx.AsyncClient, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for path in ("/schools/v1/staff", "/v1/me"):
        answer = await http.get(path, headers=headers)
        assert answer.status_code == 401
        assert code_of(answer) == "auth.invalid_token"


async def test_a_remembered_token_still_expires(app: FastAPI, platform: Platform) -> None:
    claims, key = await genuine(app, platform)
    headers = {"Authorization": f"Bearer {sign(claims | {'exp': int(time.time()) + 1}, key)}"}
    assert (await platform.http.get("/v1/me", headers=headers)).status_code == 200
    await asyncio.sleep(2.1)
    assert code_of(await platform.http.get("/v1/me", headers=headers)) == "auth.invalid_token"
