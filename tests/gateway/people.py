"""Accounts as administrators make them: created, granted, logged in."""

from dataclasses import dataclass
from typing import Any

import httpx

Headers = dict[str, str]

PASSWORD = "a long pass phrase"


@dataclass
class Platform:
    """A gateway's client with the three administrators' headers."""

    http: httpx.AsyncClient
    sysadmin: Headers
    secadmin: Headers
    auditor: Headers

    @classmethod
    async def open(cls, http: httpx.AsyncClient, password: str) -> "Platform":
        """Log in the accounts of the first start."""
        names = ("sysadmin", "secadmin", "auditor")
        return cls(http, *[await log_in(http, name, password) for name in names])

    async def create(self, username: str, **fields: Any) -> httpx.Response:
        """Create an account without roles."""
        body = {"username": username, "display_name": "测试", "password": PASSWORD} | fields
        return await self.http.post("/v1/accounts", json=body, headers=self.sysadmin)

    async def grant(self, username: str, *roles: str) -> httpx.Response:
        """Let an account hold these roles."""
        return await self.http.put(
            f"/v1/accounts/{username}/roles", json={"roles": roles}, headers=self.secadmin
        )

    async def person(self, username: str, *roles: str, **fields: Any) -> Headers:
        """A new account with roles, logged in."""
        created = await self.create(username, **fields)
        assert created.status_code == 201, created.text
        granted = await self.grant(username, *roles)
        assert granted.status_code == 200, granted.text
        return await log_in(self.http, username)

    async def change(self, username: str, **changes: Any) -> httpx.Response:
        """Patch an account as system administrator."""
        return await self.http.patch(
            f"/v1/accounts/{username}", json=changes, headers=self.sysadmin
        )

    async def client(self, client_id: str, **fields: Any) -> dict[str, Any]:
        """A new API client, with its secret."""
        body = {
            "client_id": client_id,
            "name": "测试",
            "scopes": ["staff:read", "schools:read"],
            "bureau_code": "620123",
        }
        made = await self.http.post("/v1/clients", json=body | fields, headers=self.secadmin)
        assert made.status_code == 201, made.text
        document: dict[str, Any] = made.json()
        return document


async def tokens(
    http: httpx.AsyncClient, username: str, password: str = PASSWORD
) -> httpx.Response:
    """The answer to a login."""
    return await http.post("/v1/login", json={"username": username, "password": password})


async def log_in(http: httpx.AsyncClient, username: str, password: str = PASSWORD) -> Headers:
    """The `Authorization` header of someone who logged in."""
    answer = await tokens(http, username, password)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def refresh(http: httpx.AsyncClient, token: str) -> httpx.Response:
    """The answer to a refresh token."""
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return await http.post("/oauth/token", data=form)


async def session_of(platform: Platform, username: str) -> str:
    """The refresh token of a new session of a new bureau administrator."""
    await platform.person(username, "bureau_admin", bureau_code="620123")
    token: str = (await tokens(platform.http, username)).json()["refresh_token"]
    return token


def code_of(response: httpx.Response) -> str:
    """The code of a problem, after checking that it is one."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["request_id"] == response.headers["x-request-id"]
    code: str = problem["code"]
    return code


def faults_of(response: httpx.Response) -> set[tuple[str, str]]:
    """Pointer and code of each fault of a problem."""
    return {(fault["pointer"], fault["code"]) for fault in response.json()["errors"]}
