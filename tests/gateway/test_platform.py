"""The clock of all services, their state, and starting without them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from gateway.application import build_gateway
from gateway.proxy.upstreams import Upstreams
from gateway.settings import GatewaySettings
from tests.gateway.people import Platform, code_of
from tests.gateway.serving import serving
from tests.gateway.upstream import body_of, reply

Redirect = Callable[[], AbstractAsyncContextManager[None]]


class Movable:
    """A service whose clock can be moved, and which can be out of order."""

    def __init__(self) -> None:
        self.moved: list[tuple[str, bytes]] = []
        self.status = 200

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        body = b"".join([chunk async for chunk in body_of(receive)])
        if scope["method"] == "PUT" and self.status == 200:
            token = dict(scope["headers"]).get(b"authorization", b"").decode()
            self.moved.append((token, body))
        await reply(send, self.status, b'{"status":"ok"}')


@pytest.fixture
def services() -> dict[str, Movable]:
    """Three services."""
    return {name: Movable() for name in ("schools", "appraisal", "accountability")}


@pytest.fixture
def redirected(app: FastAPI, services: dict[str, Movable]) -> Redirect:
    """Puts the three services behind the gateway for a while."""

    @asynccontextmanager
    async def redirect() -> AsyncIterator[None]:
        addresses = app.state.resources[Upstreams].addresses
        before = dict(addresses)
        async with (
            serving(services["schools"], "off") as schools,
            serving(services["appraisal"], "off") as appraisal,
            serving(services["accountability"], "off") as accountability,
        ):
            addresses |= {
                "schools": schools,
                "appraisal": appraisal,
                "accountability": accountability,
            }
            try:
                yield
            finally:
                addresses |= before

    return redirect


MOMENT = {"now": "2031-05-06T09:00:00+08:00"}


@pytest.mark.quick("gateway.platform")
async def test_the_clock_moves_everywhere(
    platform: Platform, services: dict[str, Movable], redirected: Redirect
) -> None:
    async with redirected():
        moved = await platform.http.put("/v1/clock", json=MOMENT, headers=platform.sysadmin)
        read = await platform.http.get("/v1/clock", headers=platform.sysadmin)
        back = await platform.http.put("/v1/clock", json={"now": None}, headers=platform.sysadmin)
    assert moved.status_code == 200
    assert moved.json()["moved"] is read.json()["moved"] is True
    assert read.json()["now"].startswith("2031-05-06T09:00:0")
    assert back.json()["moved"] is False
    for service in services.values():
        token, body = service.moved[0]
        assert token == platform.sysadmin["Authorization"]
        assert b"2031-05-06T09:00:00+08:00" in body
        assert len(service.moved) == 2


async def test_a_service_that_cannot_be_moved_is_named(
    platform: Platform, services: dict[str, Movable], redirected: Redirect
) -> None:
    services["appraisal"].status = 500
    async with redirected():
        answer = await platform.http.put("/v1/clock", json={"now": None}, headers=platform.sysadmin)
        status = await platform.http.get("/v1/status", headers=platform.auditor)
    assert answer.status_code == 503
    assert code_of(answer) == "gateway.clock_partly_moved"
    assert "已拨动：gateway, schools, accountability；未拨动：appraisal" in answer.json()["detail"]
    assert {row["service"]: row["status"] for row in status.json()["services"]} == {
        "schools": "ok",
        "appraisal": "unavailable",
        "accountability": "ok",
    }


async def test_the_clock_is_for_system_administrators(platform: Platform) -> None:
    for caller in (platform.secadmin, platform.auditor):
        answer = await platform.http.put("/v1/clock", json=MOMENT, headers=caller)
        assert code_of(answer) == "auth.missing_scope"
    bad = await platform.http.put(
        "/v1/clock", json={"now": "2031-05-06T09:00:00"}, headers=platform.sysadmin
    )
    assert bad.status_code == 422


async def test_production_has_no_movable_clock() -> None:
    settings = GatewaySettings.for_service("gateway", environment="production")
    paths = build_gateway(settings).openapi()["paths"]
    assert "/v1/clock" not in paths
    assert "/v1/login" in paths


def test_production_wants_every_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNHENG_ENVIRONMENT", "production")
    monkeypatch.delenv("JUNHENG_SECRETS_DIR", raising=False)
    with pytest.raises(ValueError, match="JUNHENG_MASTER_KEY") as refused:
        GatewaySettings.for_service("gateway")
    assert "JUNHENG_BOOTSTRAP_PASSWORD" in str(refused.value)


async def test_the_gateway_is_ready_without_the_services(http: httpx.AsyncClient) -> None:
    assert (await http.get("/readyz")).json() == {"status": "ok"}
    assert (await http.get("/livez")).json() == {"status": "ok"}
