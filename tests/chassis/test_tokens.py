import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jose import jws, jwt

from services.chassis.core.errors import NotAuthenticated, Unavailable
from services.chassis.database.auth import TokenVerifier
from services.chassis.peers.client import SigningKeys
from services.chassis.peers.http_client import HttpClient
from services.schools.main import app
from tests.chassis.malformed import VALUES, malformed
from tests.support.running import running
from tests.support.tokens import (
    ISSUER,
    KID,
    PRIVATE_PEM,
    PUBLIC_JWK,
    bearer,
    claims,
    key_of,
    sign,
)


def good(**changes: Any) -> dict[str, Any]:
    """Claims of an administrator; None leaves one out."""
    changed = claims(["bureau_admin"], bureau="620123") | changes
    return {name: value for name, value in changed.items() if value != "absent"}


def part(value: Any) -> str:
    """A part of a token."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def by_hand(header: dict[str, Any], payload: dict[str, Any], secret: bytes | None) -> str:
    """A token that no library would make."""
    signed = f"{part(header)}.{part(payload)}"
    if secret is None:
        return f"{signed}."
    return f"{signed}.{part(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def other_key() -> str:
    """A private key of somebody else's."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


PUBLIC_PEM = (
    load_pem_private_key(PRIVATE_PEM.encode(), None)
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
)
NOW = int(time.time())
HEADER = {"alg": "HS256", "typ": "JWT", "kid": KID}

BAD: dict[str, Callable[[], str]] = {
    "expired": lambda: sign(good(exp=NOW - 1)),
    "not valid yet": lambda: sign(good(nbf=int(time.time()) + 600)),
    "for others": lambda: sign(good(aud="others")),
    "for nobody": lambda: sign(good(aud="absent")),
    "of others": lambda: sign(good(iss="others")),
    "of nobody": lambda: sign(good(iss="absent")),
    "never expiring": lambda: sign(good(exp="absent")),
    "without subject": lambda: sign(good(sub="absent")),
    "without age": lambda: sign(good(iat="absent")),
    "without roles": lambda: sign(good(roles="absent")),
    "without scope": lambda: sign(good(scope="absent")),
    "with a bureau of the wrong type": lambda: sign(good(bureau=620123)),
    "with scopes of the wrong type": lambda: sign(good(scope=["staff:read"])),
    "with an unknown key": lambda: sign(good(), kid="unknown"),
    "without a key id": lambda: sign(good(), kid=""),
    "forged": lambda: jwt.encode(good(), other_key(), "ES256", headers={"kid": KID}),
    "bringing its own key": lambda: jwt.encode(
        good(), other_key(), "ES256", headers={"kid": KID, "jwk": PUBLIC_JWK}
    ),
    "unsigned": lambda: by_hand(HEADER | {"alg": "none"}, good(), None),
    "unsigned in capitals": lambda: by_hand(HEADER | {"alg": "NONE"}, good(), None),
    "signed with the public key": lambda: by_hand(HEADER, good(), PUBLIC_PEM),
    "signed with the public JWK": lambda: by_hand(HEADER, good(), json.dumps(PUBLIC_JWK).encode()),
    "signed for another algorithm": lambda: by_hand(HEADER | {"alg": "ES256"}, good(), PUBLIC_PEM),
    "of another payload": lambda: sign(good()).replace(
        sign(good()).split(".")[1], part(good(bureau="999999"))
    ),
    "cut off": lambda: sign(good())[:-10],
    "of two parts": lambda: ".".join(sign(good()).split(".")[:2]),
    "huge": lambda: sign(good(extra="x" * 9000)),
    "no token": lambda: "nonsense",
    "dots": lambda: "..",
    "not ASCII": lambda: "校长.校长.校长",
    "not an object": lambda: f"{part([1])}.{part([2])}.{part(b'x')}",
}


@pytest.mark.parametrize("how", BAD)
async def test_a_bad_token_is_refused(how: str) -> None:
    with pytest.raises(NotAuthenticated):
        await TokenVerifier(key_of, ISSUER).verify(BAD[how]())


async def test_a_good_token_tells_who_calls() -> None:
    caller = await TokenVerifier(key_of, ISSUER).verify(sign(good(schools=["2162000001"])))
    assert (caller.bureau, caller.schools, caller.level) == ("620123", ("2162000001",), "schools")
    assert caller.may("staff:write")
    assert not caller.may("clock:write")


async def test_a_remembered_token_still_expires() -> None:
    verifier = TokenVerifier(key_of, ISSUER)
    token = sign(good(exp=int(time.time()) + 1))
    await verifier.verify(token)
    await asyncio.sleep(2.05)
    with pytest.raises(NotAuthenticated):
        await verifier.verify(token)


@pytest.fixture
async def client() -> Any:
    async with running(app) as client:
        yield client


@pytest.mark.parametrize("how", ["expired", "forged", "unsigned", "huge", "no token"])
async def test_over_http_it_is_a_problem_that_tells_nothing(
    client: httpx.AsyncClient, how: str
) -> None:
    answer = await client.get("/v1/staff", headers={"Authorization": f"Bearer {BAD[how]()}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.invalid_token")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert "Traceback" not in answer.text
    assert "jose" not in answer.text


@pytest.mark.parametrize("name", VALUES)
async def test_malformed_claims_are_refused(client: httpx.AsyncClient, name: str) -> None:
    for value in malformed(name):
        headers = {"Authorization": f"Bearer {sign(good(**{name: value}))}"}
        for path in ("/v1/staff", "/v1/schools/by-key/1", "/v1/imports"):
            answer = await client.get(path, headers=headers)
            assert answer.status_code == 401, (value, answer.text)
            assert answer.json()["code"] == "auth.invalid_token"


async def test_signed_claims_that_are_nested_without_end_are_refused(
    client: httpx.AsyncClient,
) -> None:
    for content in (b"[" * 5000, b'{"exp":' * 800, b"\xff", b"", b"null", b'"x"', b"[]"):
        token = jws.sign(content, PRIVATE_PEM, headers={"kid": KID}, algorithm="ES256")
        answer = await client.get("/v1/staff", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (401, "auth.invalid_token"), content


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Token x", "Bearer\tx"])
async def test_other_kinds_of_credentials_are_refused(
    client: httpx.AsyncClient, header: str
) -> None:
    answer = await client.get("/v1/staff", headers={"Authorization": header})
    assert answer.status_code == 401


async def test_another_bureau_sees_nothing(client: httpx.AsyncClient, bureau: str) -> None:
    code = f"21{bureau}77"
    body = {"school_code": code, "name": "一小", "school_type": "211", "area_type": "121"}
    created = await client.post(
        "/v1/schools", json=body, headers=bearer("bureau_admin", bureau=bureau)
    )
    other = bearer("bureau_admin", bureau="000000")
    for path in (created.json()["id"], f"by-key/{code}"):
        assert (await client.get(f"/v1/schools/{path}", headers=other)).status_code == 404
    assert (await client.get("/v1/schools?total=exact", headers=other)).json()["total"] == 0


async def test_keys_are_fetched_when_an_unknown_one_appears_but_not_by_flooding() -> None:
    calls = 0

    def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        return httpx.Response(200, json={"keys": [PUBLIC_JWK | {"kid": KID}]})

    http = HttpClient("http://gateway", transport=httpx.MockTransport(answer))
    verifier = TokenVerifier(SigningKeys(http).key_of, ISSUER)
    await verifier.verify(sign(good()))
    for number in range(20):
        with pytest.raises(NotAuthenticated):
            await verifier.verify(sign(good(), kid=f"k{number}"))
    assert calls == 1
    await http.close()


async def test_without_the_gateway_no_token_can_be_judged() -> None:
    http = HttpClient(
        "http://gateway", transport=httpx.MockTransport(lambda _request: httpx.Response(503))
    )
    with pytest.raises(Unavailable):
        await TokenVerifier(SigningKeys(http).key_of, ISSUER).verify(sign(good()))
    await http.close()
