"""One-time links: plain requests of a browser, with the rights of the account that made them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway.links.feature import delete_expired_links
from gateway.links.service import MOST_UNUSED
from services.chassis.core.log_sink import LogSink
from services.chassis.database.db import Database
from tests.gateway.crowd import Crowd
from tests.gateway.people import PASSWORD, Headers, Platform, code_of, faults_of, tokens

TEMPLATE = "/schools/v1/import-templates/staff.xlsx?titles=zh&q=%E7%8E%8B"
_EXPIRE = "update one_time_link set expires_at = now() - interval '1 second' where path = $1"


async def made(http: httpx.AsyncClient, headers: Headers, path: str = TEMPLATE) -> str:
    """The path of a new link."""
    answer = await http.post("/v1/links", json={"path": path}, headers=headers)
    assert answer.status_code == 201, answer.text
    link: str = answer.json()["path"]
    return link


@pytest.mark.quick("gateway.links")
async def test_a_link_downloads_once_without_a_token(
    http: httpx.AsyncClient, headers: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[bytes] = []
    monkeypatch.setattr(LogSink, "put", lambda _sink, line: lines.append(line))
    link = await made(http, headers)
    secret = link.removeprefix("/v1/links/")
    assert len(secret) == 43
    bearer = headers["Authorization"]
    # A token beside the link changes nothing: the link has its own rights.
    first = await http.get(link, headers={"Range": "bytes=0-9", "Authorization": "Bearer x"})
    assert first.status_code == 200, first.text
    shown = first.json()
    arrived = dict(shown["headers"])
    assert shown["path"] == "/v1/import-templates/staff.xlsx"
    assert shown["query"] == TEMPLATE.partition("?")[2]
    assert arrived["range"] == "bytes=0-9"
    assert arrived["authorization"] not in (bearer, "Bearer x")
    me = await http.get("/v1/me", headers={"Authorization": arrived["authorization"]})
    assert me.json() == (await http.get("/v1/me", headers=headers)).json()
    again = await http.get(link)
    assert (again.status_code, code_of(again)) == (404, "links.not_found")
    metrics = (await http.get("/metrics")).text
    logs = b"".join(lines).decode()
    assert '"route":"/schools/' in logs
    for place in (first.text, again.text, metrics, logs):
        assert secret not in place


async def test_a_link_opens_a_stream_of_events(http: httpx.AsyncClient, headers: Headers) -> None:
    link = await made(http, headers, "/schools/v1/imports/1/events")
    async with http.stream("GET", link, headers={"Accept": "text/event-stream"}) as stream:
        assert stream.status_code == 200
        assert await anext(stream.aiter_text()) == ": \n\n"


async def test_of_many_uses_at_once_one_succeeds(
    http: httpx.AsyncClient, headers: Headers, crowd: Crowd
) -> None:
    link = await made(http, headers)
    answers = await asyncio.gather(*(client.get(link) for client in crowd))
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * (len(crowd) - 1)


async def test_looking_ahead_uses_nothing_up(http: httpx.AsyncClient, headers: Headers) -> None:
    link = await made(http, headers)
    for method in ("HEAD", "OPTIONS", "POST"):
        assert (await http.request(method, link)).status_code in (401, 405)
    assert (await http.get(link)).status_code == 200


async def test_an_expired_link_is_refused_and_cleared(
    app: FastAPI, http: httpx.AsyncClient, headers: Headers, name: str
) -> None:
    path = f"/schools/v1/{name}"
    used, left = [await made(http, headers, path) for _ in range(2)]
    database: Database = app.state.resources[Database]
    async with database.connection(None) as connection:
        await connection.execute(_EXPIRE, path)
    assert code_of(await http.get(used)) == "links.not_found"
    await delete_expired_links(app.state.resources)
    async with database.connection(None) as connection:
        count = "select count(*) from one_time_link where path = $1"
        assert await connection.fetchval(count, path) == 0
    assert code_of(await http.get(left)) == "links.not_found"


async def disable(platform: Platform, name: str, _headers: Headers, _session: str) -> Any:
    """Disable the account."""
    return await platform.change(name, status="disabled")


async def change_password(platform: Platform, _name: str, headers: Headers, _session: str) -> Any:
    """Change its own password."""
    change = {"current_password": PASSWORD, "new_password": f"{PASSWORD} anew"}
    return await platform.http.post("/v1/me/password", json=change, headers=headers)


async def log_out(platform: Platform, _name: str, _headers: Headers, session: str) -> Any:
    """End the session."""
    return await platform.http.post("/oauth/revoke", data={"token": session})


Act = Callable[[Platform, str, Headers, str], Awaitable[httpx.Response]]


@pytest.mark.parametrize("act", [disable, change_password, log_out])
async def test_links_end_with_the_account_the_password_and_the_session(
    platform: Platform, name: str, act: Act
) -> None:
    await platform.person(name, "bureau_admin", bureau_code="620123")
    session = (await tokens(platform.http, name)).json()
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    link = await made(platform.http, headers)
    done = await act(platform, name, headers, session["refresh_token"])
    assert done.is_success, done.text
    refused = await platform.http.get(link)
    assert (refused.status_code, code_of(refused)) == (404, "links.not_found")


async def test_a_disabled_account_makes_no_links(
    platform: Platform, name: str, headers: Headers
) -> None:
    await platform.change(name, status="disabled")
    body = {"path": TEMPLATE}
    refused = await platform.http.post("/v1/links", json=body, headers=headers)
    assert (refused.status_code, code_of(refused)) == (401, "auth.invalid_token")


@pytest.mark.parametrize(
    "path",
    [
        "https://example.com/schools/v1/staff",
        "//example.com/schools/v1/staff",
        "schools/v1/staff",
        "/schools/v1/../../metrics",
        "/schools/v1/%2e%2e/metrics",
        "/schools/v1/staff#part",
        "/schools/v1/a\\b",
        "/schools/v1/a\r\nHost: b",
        "/schools/v1/王",
        "/schools/openapi.json",
        "/nobody/v1/staff",
        "/metrics",
        "/v1/links/x",
        "/",
        "",
    ],
)
async def test_a_link_leads_to_this_platform_only(
    http: httpx.AsyncClient, platform: Platform, path: str
) -> None:
    refused = await http.post("/v1/links", json={"path": path}, headers=platform.auditor)
    assert refused.status_code == 422
    assert faults_of(refused) == {("/path", "links.path_refused")}


async def test_unused_links_of_an_account_are_limited(
    http: httpx.AsyncClient, headers: Headers
) -> None:
    links = [await made(http, headers) for _ in range(MOST_UNUSED)]
    body = {"path": TEMPLATE}
    refused = await http.post("/v1/links", json=body, headers=headers)
    assert (refused.status_code, code_of(refused)) == (429, "links.too_many")
    assert int(refused.headers["retry-after"]) <= 60
    assert (await http.get(links[0])).status_code == 200
    await made(http, headers)


async def test_programs_make_no_links(platform: Platform, name: str) -> None:
    client = await platform.client(name)
    form = {"grant_type": "client_credentials", "client_id": name}
    form["client_secret"] = client["client_secret"]
    token = (await platform.http.post("/oauth/token", data=form)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    refused = await platform.http.post("/v1/links", json={"path": TEMPLATE}, headers=headers)
    assert (refused.status_code, code_of(refused)) == (403, "links.accounts_only")


async def test_the_audit_trail_names_links_without_their_query(
    http: httpx.AsyncClient, platform: Platform, headers: Headers, name: str
) -> None:
    link = await made(http, headers)
    trail = await http.get("/v1/audit-events", params={"actor": name}, headers=platform.auditor)
    assert trail.status_code == 200, trail.text
    entry = next(one for one in trail.json()["data"] if one["resource"] == "links")
    assert TEMPLATE.partition("?")[0] in str(entry)
    assert "%E7" not in trail.text
    assert link not in trail.text
