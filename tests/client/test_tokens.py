"""Tokens are requested with the first call, renewed in time and shared."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from client.api import JunhengClient
from client.credentials import ClientSecret, PasswordLogin
from client.problems import Problem
from tests.client.fake import ADDRESS, FakePlatform, answer, problem


def _tokens(platform: FakePlatform) -> list[str]:
    return [request.headers["Authorization"] for request in platform.requests]


def test_one_login_serves_many_calls(platform: FakePlatform, client: JunhengClient) -> None:
    platform.on("GET", "/x", answer({}))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: client.get("/x"), range(12)))
    assert platform.logins == [{"username": "li.na", "password": "correct horse"}]
    assert set(_tokens(platform)) == {"Bearer token-1"}


def test_a_token_about_to_expire_is_renewed(platform: FakePlatform, client: JunhengClient) -> None:
    platform.expires_in = 0
    platform.on("GET", "/x", answer({}))
    client.get("/x")
    client.get("/x")
    assert platform.logins[1] == {"grant_type": "refresh_token", "refresh_token": "refresh-1"}
    assert _tokens(platform) == ["Bearer token-1", "Bearer token-2"]


def test_a_refused_token_is_renewed_once(platform: FakePlatform, client: JunhengClient) -> None:
    platform.on("GET", "/x", problem(401, "auth.invalid_token"), answer({"ok": 1}))
    assert client.get("/x") == {"ok": 1}
    platform.on("GET", "/y", problem(401, "auth.invalid_token"))
    with pytest.raises(Problem, match=r"auth\.invalid_token"):
        client.get("/y")
    assert len(platform.sent("GET", "/y")) == 2


def test_an_expired_refresh_token_leads_to_a_new_login(
    platform: FakePlatform, client: JunhengClient
) -> None:
    platform.on("GET", "/x", problem(401), answer({}))
    platform.on("POST", "/oauth/token", problem(400, "oauth.invalid_grant"))
    client.get("/x")
    assert [login.get("username") for login in platform.logins] == ["li.na", "li.na"]


def test_wrong_credentials_are_not_retried(platform: FakePlatform, client: JunhengClient) -> None:
    calls: list[int] = []

    def refuse(_: object) -> object:
        calls.append(1)
        return problem(401, "auth.login_failed")

    platform.on("POST", "/v1/login", refuse)  # type: ignore[arg-type]
    with pytest.raises(Problem, match=r"auth\.login_failed"):
        client.get("/x")
    assert len(calls) == 1


def test_an_api_client_logs_in_with_its_secret(platform: FakePlatform) -> None:
    credentials = ClientSecret("hr-system", "jhs_1")
    with JunhengClient(ADDRESS, credentials, transport=platform.transport) as client:
        assert client.token() == "token-1"
    assert platform.logins == [
        {
            "grant_type": "client_credentials",
            "client_id": "hr-system",
            "client_secret": "jhs_1",
        }
    ]


def test_logins_share_connections_but_not_tokens(
    platform: FakePlatform, client: JunhengClient
) -> None:
    platform.on("GET", "/x", answer({}))
    client.get("/x")
    client.acting_as(PasswordLogin("wang", "another horse")).get("/x")
    assert _tokens(platform) == ["Bearer token-1", "Bearer token-2"]


def test_without_credentials_there_is_no_token(platform: FakePlatform) -> None:
    platform.on("GET", "/livez", answer({}))
    with JunhengClient(ADDRESS, transport=platform.transport) as client:
        client.get("/livez")
        with pytest.raises(ValueError, match="credentials"):
            client.token()
    assert "Authorization" not in platform.requests[0].headers


def test_secrets_are_not_in_repr() -> None:
    assert "horse" not in repr(PasswordLogin("li.na", "correct horse"))
    assert "jhs_1" not in repr(ClientSecret("hr-system", "jhs_1"))
