"""API clients: secrets, tokens, and the services' own."""

from typing import Any

import asyncpg
import httpx
import pytest

from gateway.roles import SERVICE_SCOPES
from services.chassis.core.settings import read_secret
from tests.gateway.people import Platform, code_of, faults_of


async def token_for(
    http: httpx.AsyncClient, client_id: str, secret: str, **form: str
) -> httpx.Response:
    body = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return await http.post("/oauth/token", data=body | form)


async def me(http: httpx.AsyncClient, answer: httpx.Response) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    document: dict[str, Any] = (await http.get("/v1/me", headers=headers)).json()
    return document


@pytest.mark.quick("gateway.clients", "gateway.oauth")
async def test_a_client_gets_a_token_with_its_scopes(platform: Platform, name: str) -> None:
    client = await platform.client(name, schools=["2162000001"])
    answer = await token_for(platform.http, name, client["client_secret"])
    assert answer.status_code == 200
    assert "refresh_token" not in answer.json()
    assert answer.json()["scope"] == "codes:read schools:read staff:read"
    seen = await me(platform.http, answer)
    assert (seen["kind"], seen["name"], seen["bureau"]) == ("client", name, "620123")
    assert (seen["schools"], seen["roles"]) == (["2162000001"], ["integration"])


async def test_the_secret_may_stand_in_a_basic_header(platform: Platform, name: str) -> None:
    client = await platform.client(name)
    answer = await platform.http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(name, client["client_secret"]),
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Basic /////w==", "Basic AAA6AA=="]
)
async def test_unreadable_basic_headers_are_refused(http: httpx.AsyncClient, header: str) -> None:
    answer = await http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": header},
    )
    assert answer.status_code == 401
    assert code_of(answer) == "oauth.invalid_client"
    assert answer.headers["www-authenticate"].startswith("Basic")


async def test_two_secrets_are_live_while_changing_over(platform: Platform, name: str) -> None:
    first = (await platform.client(name))["client_secret"]
    added = await platform.http.post(f"/v1/clients/{name}/secrets", headers=platform.secadmin)
    assert added.status_code == 201
    second = added.json()["client_secret"]
    for secret in (first, second):
        assert (await token_for(platform.http, name, secret)).status_code == 200
    third = await platform.http.post(f"/v1/clients/{name}/secrets", headers=platform.secadmin)
    assert code_of(third) == "clients.too_many_secrets"

    client = (await platform.http.get(f"/v1/clients/{name}", headers=platform.auditor)).json()
    old = next(secret for secret in client["secrets"] if secret["hint"] == first[-4:])
    path = f"/v1/clients/{name}/secrets/{old['id']}"
    assert (await platform.http.delete(path, headers=platform.secadmin)).status_code == 204
    again = await platform.http.delete(path, headers=platform.secadmin)
    assert code_of(again) == "clients.secret_not_found"
    assert code_of(await token_for(platform.http, name, first)) == "oauth.invalid_client"
    assert (await token_for(platform.http, name, second)).status_code == 200


async def test_secrets_are_shown_once(platform: Platform, name: str) -> None:
    secret = (await platform.client(name))["client_secret"]
    for path in ("/v1/clients", f"/v1/clients/{name}"):
        answer = await platform.http.get(path, headers=platform.secadmin)
        assert answer.status_code == 200
        assert secret not in answer.text


async def test_a_lost_answer_with_a_secret_is_given_again(
    platform: Platform, name: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    body = {"client_id": name, "name": "x", "scopes": ["staff:read"], "bureau_code": "620123"}
    for path, json, key in (
        ("/v1/clients", body, f"{name} made"),
        (f"/v1/clients/{name}/secrets", None, f"{name} second"),
    ):
        headers = platform.secadmin | {"Idempotency-Key": key}
        first, again = [
            await platform.http.post(path, json=json, headers=headers) for _ in range(2)
        ]
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.content == first.content
        assert again.headers["idempotent-replayed"] == "true"
        assert first.headers["cache-control"] == again.headers["cache-control"] == "no-store"
        secret = again.json()["client_secret"]
        assert (await token_for(platform.http, name, secret)).status_code == 200
        for row in await admin.fetch("select * from gateway.idempotency"):
            kept = b"".join(v if isinstance(v, bytes) else str(v).encode() for v in row.values())
            assert secret.encode() not in kept
            assert key.encode() not in kept
    client = (await platform.http.get(f"/v1/clients/{name}", headers=platform.auditor)).json()
    assert len(client["secrets"]) == 2


async def test_a_disabled_client_gets_no_token(platform: Platform, name: str) -> None:
    secret = (await platform.client(name))["client_secret"]
    path = f"/v1/clients/{name}"
    await platform.http.patch(path, json={"status": "disabled"}, headers=platform.secadmin)
    assert code_of(await token_for(platform.http, name, secret)) == "oauth.invalid_client"
    await platform.http.patch(path, json={"status": "active"}, headers=platform.secadmin)
    assert (await token_for(platform.http, name, secret)).status_code == 200


async def test_fewer_scopes_can_be_asked_for_but_not_more(platform: Platform, name: str) -> None:
    secret = (await platform.client(name))["client_secret"]
    fewer = await token_for(platform.http, name, secret, scope="staff:read")
    assert fewer.json()["scope"] == "staff:read"
    more = await token_for(platform.http, name, secret, scope="staff:read staff:write")
    assert code_of(more) == "oauth.invalid_scope"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"scopes": ["roles:grant"]}, ("/scopes/0", "enum")),
        ({"scopes": []}, ("/scopes", "too_short")),
        ({"client_id": "service-mine"}, ("/client_id", "client_id.reserved")),
        ({"client_id": "A b"}, ("/client_id", "string_pattern_mismatch")),
        ({"bureau_code": None}, ("/bureau_code", "string_type")),
        ({"is_service": True}, ("/is_service", "extra_forbidden")),
    ],
)
async def test_clients_cannot_be_given_more_than_integrations_have(
    platform: Platform, name: str, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    body = {"client_id": name, "name": "x", "scopes": ["staff:read"], "bureau_code": "620123"}
    answer = await platform.http.post("/v1/clients", json=body | changes, headers=platform.secadmin)
    assert answer.status_code == 422
    assert faults_of(answer) == {fault}


async def test_a_taken_id_is_a_conflict(platform: Platform, name: str) -> None:
    await platform.client(name)
    body = {"client_id": name, "name": "x", "scopes": ["staff:read"], "bureau_code": "620123"}
    answer = await platform.http.post("/v1/clients", json=body, headers=platform.secadmin)
    assert code_of(answer) == "clients.client_id_taken"


@pytest.mark.parametrize("service", ["schools", "appraisal", "accountability"])
async def test_a_service_names_the_bureau_that_it_works_on(
    http: httpx.AsyncClient, service: str
) -> None:
    secret = read_secret(f"{service}_client_secret")
    assert secret
    answer = await token_for(http, f"service-{service}", secret, bureau="620123")
    assert answer.json()["scope"].split() == sorted(SERVICE_SCOPES[f"service-{service}"])
    seen = await me(http, answer)
    assert (seen["bureau"], seen["roles"], seen["kind"]) == ("620123", [], "client")
    without = await token_for(http, f"service-{service}", secret)
    assert code_of(without) == "oauth.invalid_request"
    malformed = await token_for(http, f"service-{service}", secret, bureau="62")
    assert malformed.status_code == 400


async def test_a_bureaus_client_cannot_work_on_another(platform: Platform, name: str) -> None:
    secret = (await platform.client(name))["client_secret"]
    assert (await token_for(platform.http, name, secret, bureau="620123")).status_code == 200
    other = await token_for(platform.http, name, secret, bureau="620124")
    assert code_of(other) == "oauth.invalid_request"


async def test_the_services_clients_are_not_changed_by_hand(platform: Platform) -> None:
    path = "/v1/clients/service-appraisal"
    changed = await platform.http.patch(
        path, json={"status": "disabled"}, headers=platform.secadmin
    )
    added = await platform.http.post(f"{path}/secrets", headers=platform.secadmin)
    assert code_of(changed) == code_of(added) == "clients.service_client"


@pytest.mark.parametrize("client_id", ["nobody", "", "service-appraisal"])
async def test_wrong_credentials_are_refused(http: httpx.AsyncClient, client_id: str) -> None:
    answer = await token_for(http, client_id, "wrong")
    assert answer.status_code == 401
    assert code_of(answer) == "oauth.invalid_client"


@pytest.mark.parametrize("grant", ["password", "authorization_code", ""])
async def test_other_grants_are_not_supported(http: httpx.AsyncClient, grant: str) -> None:
    answer = await http.post("/oauth/token", data={"grant_type": grant})
    assert answer.status_code == 400
    assert code_of(answer) in ("oauth.unsupported_grant_type", "platform.bad_request")


async def test_json_is_not_a_token_request(http: httpx.AsyncClient) -> None:
    answer = await http.post("/oauth/token", json={"grant_type": "client_credentials"})
    assert answer.status_code == 415
    assert answer.json()["error"] == "invalid_request"
    assert "application/x-www-form-urlencoded" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials", "client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "jhr_x"}, "invalid_grant"),
        ({}, "invalid_request"),
    ],
)
async def test_errors_have_the_members_of_oauth(
    http: httpx.AsyncClient, form: dict[str, str], error: str
) -> None:
    answer = await http.post("/oauth/token", data={"client_id": "integration-620180"} | form)
    problem = answer.json()
    assert problem["error"] == error
    assert problem["error_description"].isascii()
    assert {"type", "title", "detail", "code", "errors"} < problem.keys()
