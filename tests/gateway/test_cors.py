"""Pages of other origins: only those that are allowed can call, and they can read every header."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from pydantic import ValidationError

from gateway.application import build_gateway
from gateway.clients.origins import FRESH_SECONDS
from gateway.settings import GatewaySettings
from services.chassis.openapi.response_headers import RESPONSE_HEADERS
from tests.architecture.snapshots import agreed
from tests.gateway.people import Platform
from tests.gateway.serving import NO_TLS, free_port, serving

ALLOWED, STRANGE = "https://app.example.cn", "https://app.example.cn.evil.example"
SENT = ("authorization", "content-type", "idempotency-key", "if-match")


@pytest_asyncio.fixture(scope="module")
async def for_pages() -> AsyncIterator[str]:
    """A gateway whose services do not answer, for pages of two origins."""
    nobody = f"http://127.0.0.1:{free_port()}"
    settings = GatewaySettings.for_service(
        "gateway",
        schools_url=nobody,
        appraisal_url=nobody,
        accountability_url=nobody,
        cors_origins=f"{ALLOWED}, http://localhost:5173",
    )
    async with serving(build_gateway(settings)) as address:
        yield address


@pytest_asyncio.fixture
async def browser(for_pages: str) -> AsyncIterator[httpx.AsyncClient]:
    """Sends what a browser would."""
    async with httpx.AsyncClient(
        base_url=for_pages, trust_env=False, timeout=30, verify=NO_TLS
    ) as client:
        yield client


def preflight(origin: str, method: str = "PATCH") -> dict[str, str]:
    """The headers with which a browser asks before a request."""
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": ", ".join(SENT),
    }


@pytest.mark.parametrize("origin", [ALLOWED, "http://localhost:5173"])
@pytest.mark.parametrize("path", ["/v1/login", "/schools/v1/schools/by-key/2162000001"])
async def test_an_allowed_page_may_call(browser: httpx.AsyncClient, origin: str, path: str) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        answer = await browser.options(path, headers=preflight(origin, method))
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == origin
        allowed = answer.headers["access-control-allow-headers"].lower()
        assert all(name in allowed for name in SENT)
        assert "access-control-allow-credentials" not in answer.headers


async def test_a_strange_page_may_not(browser: httpx.AsyncClient) -> None:
    for origin in (STRANGE, "null", "https://APP.example.cn", f"{ALLOWED}:8443"):
        answer = await browser.options("/v1/login", headers=preflight(origin))
        assert answer.status_code == 400
        assert "access-control-allow-origin" not in answer.headers
        answer = await browser.get("/livez", headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers


async def test_problems_can_be_read_too(browser: httpx.AsyncClient) -> None:
    headers = {"Origin": ALLOWED}
    answers = [
        await browser.get("/v1/me", headers=headers),
        await browser.get("/nowhere", headers=headers),
        await browser.post("/v1/login", headers=headers, content=b"{"),
        await browser.post("/v1/login", headers=headers, content=b"x" * 200_000),
    ]
    assert [answer.status_code for answer in answers] == [401, 404, 415, 413]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == ALLOWED
        assert answer.headers["vary"] == "Origin"
        exposed = answer.headers["access-control-expose-headers"].lower()
        assert all(name.lower() in exposed for name in RESPONSE_HEADERS)


async def test_every_documented_request_header_may_be_sent(browser: httpx.AsyncClient) -> None:
    answer = await browser.options("/v1/login", headers=preflight(ALLOWED))
    allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
    documented = {
        parameter["name"].lower()
        for process in ("gateway", "schools", "appraisal", "accountability")
        for operations in agreed(process)["paths"].values()
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
        if parameter.get("in") == "header"
    }
    assert documented
    assert documented <= {*allowed}


async def test_without_setting_and_client_no_page_may_call(http: httpx.AsyncClient) -> None:
    answer = await http.get("/livez", headers={"Origin": ALLOWED})
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    answer = await http.options("/v1/login", headers=preflight(ALLOWED))
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "value", ["*", "app.example.cn", "https://a.cn/", "HTTPS://a.cn", "ftp://a.cn", "null"]
)
def test_a_setting_that_is_no_origin_is_refused(value: str) -> None:
    with pytest.raises(ValidationError, match="is not an origin") as refused:
        GatewaySettings.for_service("gateway", cors_origins=value)
    assert value in str(refused.value)


PAGES = "https://pages.example.cn"


async def is_answered(platform: Platform, origin: str, *, wanted: bool) -> bool:
    """Whether a page may call as wanted, within the time that origins are kept."""
    give_up = time.monotonic() + 4 * FRESH_SECONDS
    while time.monotonic() < give_up:
        answer = await platform.http.get("/livez", headers={"Origin": origin})
        if (answer.headers.get("access-control-allow-origin") == origin) is wanted:
            return True
        await asyncio.sleep(0.2)
    return False


async def test_pages_of_a_client_may_call_as_long_as_it_is_active(
    platform: Platform, name: str
) -> None:
    await platform.client(name)
    path = f"/v1/clients/{name}"
    assert await is_answered(platform, PAGES, wanted=False)
    answer = await platform.http.patch(
        path, json={"allowed_origins": [PAGES]}, headers=platform.secadmin
    )
    assert answer.json()["allowed_origins"] == [PAGES]
    assert await is_answered(platform, PAGES, wanted=True)
    preflighted = await platform.http.options("/v1/login", headers=preflight(PAGES))
    assert preflighted.headers["access-control-allow-origin"] == PAGES
    await platform.http.patch(path, json={"status": "disabled"}, headers=platform.secadmin)
    assert await is_answered(platform, PAGES, wanted=False)


@pytest.mark.parametrize("origin", ["*", "http://app.example.cn", "https://a.cn/x", "null"])
async def test_a_client_names_safe_origins_only(platform: Platform, name: str, origin: str) -> None:
    await platform.client(name)
    answer = await platform.http.patch(
        f"/v1/clients/{name}", json={"allowed_origins": [origin]}, headers=platform.secadmin
    )
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["errors"]] == ["origin.invalid"]
