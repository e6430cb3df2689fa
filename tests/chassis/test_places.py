"""Places for requests: one account never has all of them, and slow clients hold few or none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter
from pydantic import BaseModel

from services.chassis.core.settings import ServiceSettings
from services.chassis.database.auth import Caller, allow
from services.chassis.http import bodies
from services.chassis.runtime.app import create_app
from tests.gateway.serving import serving
from tests.support.running import running
from tests.support.services import small_service
from tests.support.tokens import bearer, claims, sign

ALL, EACH, LARGE = 20, 4, 3
MAY_GO_ON = asyncio.Event()
Headers = dict[str, str]
router = APIRouter(prefix="/v1")


class Text(BaseModel):
    """A body."""

    text: str


@router.get("/slow")
async def take_time(_caller: Annotated[Caller, allow("codes:read")]) -> None:
    """No answer before the test says so."""
    await MAY_GO_ON.wait()


@router.get("/slow-open")
async def take_time_for_anybody() -> None:
    """The same without a token."""
    await MAY_GO_ON.wait()


@router.get("/quick")
async def be_quick(_caller: Annotated[Caller, allow("codes:read")]) -> None:
    """An answer at once."""


@router.post("/body")
async def take_body(payload: Text, _caller: Annotated[Caller, allow("codes:read")]) -> str:
    """Take a body."""
    return payload.text


@router.post("/open")
async def take_body_of_anybody(payload: Text) -> str:
    """Take a body without a token."""
    return payload.text


@asynccontextmanager
async def served(**settings: int) -> AsyncIterator[str]:
    """A service on a socket."""
    chosen = ServiceSettings.for_service("schools", jobs="off", **settings)
    app = create_app(small_service("schools", "Places 名额", router), settings=chosen)
    async with running(app), serving(app, lifespan="off") as address:
        yield address


@pytest_asyncio.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    """One with few places."""
    async with served(max_requests=ALL, max_requests_per_account=EACH) as address:
        yield address


@pytest_asyncio.fixture
async def http(address: str) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=address, trust_env=False, timeout=60, limits=limits
    ) as client:
        yield client


def account(name: str) -> Headers:
    """The token of an account."""
    return bearer("bureau_admin", bureau="999999", name=name)


def service() -> Headers:
    """The token of one of the platform's services."""
    payload = claims(bureau="999999", scopes=["codes:read"], name="service-appraisal")
    return {"Authorization": f"Bearer {sign(payload | {'kind': 'client'})}"}


@asynccontextmanager
async def hanging(
    address: str, path: str, headers: Headers, count: int, length: int = 1000
) -> AsyncIterator[None]:
    """So many requests whose bodies have begun, and do not go on."""
    host, _, port = address.removeprefix("http://").partition(":")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writers = []
    for _ in range(count):
        _reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{lines}"
            f'Content-Length: {length}\r\n\r\n{{"text": "'.encode()
        )
        writers.append(writer)
    await asyncio.sleep(0.5)
    try:
        yield
    finally:
        for writer in writers:
            writer.transport.abort()


@asynccontextmanager
async def busy(
    http: httpx.AsyncClient, path: str, *callers: Headers, each: int = 1
) -> AsyncIterator[None]:
    """Requests that are being served."""
    waiting = [
        asyncio.create_task(http.get(path, headers=caller))
        for caller in callers
        for _ in range(each)
    ]
    try:
        yield
    finally:
        MAY_GO_ON.set()
        await asyncio.gather(*waiting)
        MAY_GO_ON.clear()


async def status(http: httpx.AsyncClient, path: str, headers: Headers) -> tuple[int, str | None]:
    """Status and code of an answer."""
    answer = await http.get(path, headers=headers)
    code = answer.json()["code"] if answer.is_error else None
    if answer.status_code in (429, 503):
        assert int(answer.headers["retry-after"]) > 0
    return answer.status_code, code


async def reaches(
    http: httpx.AsyncClient, path: str, headers: Headers, expected: tuple[int, str | None]
) -> None:
    """Wait until requests are answered so: others need a moment to arrive, or to leave."""
    async with asyncio.timeout(30):
        while await status(http, path, headers) != expected:
            await asyncio.sleep(0.05)


TOO_MANY = 429, "platform.too_many_requests_at_once"
OVERLOADED = 503, "platform.overloaded"
GOOD = 200, None


async def test_slow_bodies_hold_the_places_of_their_account_alone(
    address: str, http: httpx.AsyncClient
) -> None:
    slow, other = account("slow"), account("other")
    async with hanging(address, "/v1/body", slow, ALL):
        await reaches(http, "/v1/quick", slow, TOO_MANY)
        for _ in range(EACH):
            assert await status(http, "/v1/quick", other) == GOOD
    await reaches(http, "/v1/quick", slow, GOOD)


async def test_slow_bodies_without_a_token_hold_none(address: str, http: httpx.AsyncClient) -> None:
    async with hanging(address, "/v1/open", {}, 3 * ALL):
        assert (await http.post("/v1/open", json={"text": "x"})).json() == "x"
        assert await status(http, "/v1/quick", account("other")) == GOOD


async def test_requests_without_a_token_have_half(http: httpx.AsyncClient) -> None:
    async with busy(http, "/v1/slow-open", {}, each=ALL):
        await reaches(http, "/v1/quick", {}, OVERLOADED)
        assert await status(http, "/v1/quick", account("other")) == GOOD
        bad = {"Authorization": "Bearer nonsense"}
        assert await status(http, "/v1/quick", bad) == OVERLOADED
    assert await status(http, "/v1/quick", bad) == (401, "auth.invalid_token")


async def test_of_large_bodies_an_account_has_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_LARGE_OF_ACCOUNT", LARGE)
    slow, large = account("slow"), {"text": "x" * 100_000}
    async with (
        served() as address,
        httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as http,
        hanging(address, "/v1/body", slow, 2 * LARGE, length=100_000),
    ):

        async def post(body: dict[str, str], caller: Headers) -> httpx.Response:
            return await http.post("/v1/body", json=body, headers=caller)

        async with asyncio.timeout(30):
            while (refused := await post(large, slow)).status_code != 429:
                await asyncio.sleep(0.05)
        assert refused.json()["code"] == "platform.too_many_large_bodies"
        assert int(refused.headers["retry-after"]) > 0
        assert (await post({"text": "x"}, slow)).status_code == 200
        assert (await post(large, account("other"))).status_code == 200


async def test_services_have_places_that_nobody_else_gets(http: httpx.AsyncClient) -> None:
    crowd = [account(f"crowd-{number}") for number in range(ALL // EACH)]
    async with busy(http, "/v1/slow", *crowd, each=EACH):
        await reaches(http, "/v1/quick", account("other"), OVERLOADED)
        assert await status(http, "/v1/quick", service()) == GOOD
        async with busy(http, "/v1/slow", service()):
            assert await status(http, "/v1/quick", service()) == GOOD


async def test_services_are_not_accounts(http: httpx.AsyncClient) -> None:
    async with busy(http, "/v1/slow", service(), each=2 * EACH):
        assert await status(http, "/v1/quick", service()) == GOOD
        assert await status(http, "/v1/quick", account("other")) == GOOD


async def test_who_was_refused_holds_nothing(http: httpx.AsyncClient) -> None:
    mine = account("mine")
    for _ in range(3):
        async with busy(http, "/v1/slow", mine, each=3 * EACH):
            await reaches(http, "/v1/quick", mine, TOO_MANY)
        assert await status(http, "/v1/quick", mine) == GOOD
