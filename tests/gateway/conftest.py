"""One gateway on a real socket for the run, with a service that shows what reaches it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from fastapi import FastAPI

from gateway.application import build_gateway
from gateway.keys.store import SigningKeys
from gateway.passwords import Passwords
from gateway.settings import GatewaySettings
from services.chassis.core.settings import read_secret
from services.chassis.database.auth import TokenVerifier
from services.chassis.database.db import Database
from tests.gateway.crowd import CLIENTS, Crowd
from tests.gateway.people import Headers, Platform
from tests.gateway.serving import NO_TLS, free_port, serving
from tests.gateway.upstream import Upstream

MAX_BODY = 2 * 1024 * 1024
MAX_FILE = 2 * MAX_BODY
QUICK = PasswordHasher(memory_cost=64, time_cost=1, parallelism=1)
PUBLIC = "https://junheng.example.cn/api"


@pytest_asyncio.fixture(scope="session")
async def upstream() -> Upstream:
    """The service behind `/schools`."""
    return Upstream()


@pytest_asyncio.fixture(scope="session")
async def app(upstream: Upstream) -> AsyncIterator[FastAPI]:
    """The gateway: `schools` shows requests, the other two do not answer."""
    async with serving(upstream, lifespan="off") as schools:
        nobody = f"http://127.0.0.1:{free_port()}"
        settings = GatewaySettings.for_service(
            "gateway",
            schools_url=schools,
            appraisal_url=nobody,
            accountability_url=nobody,
            max_body_bytes=MAX_BODY,
            max_import_bytes=MAX_FILE,
            upstream_timeout=1.0,
            public_url=f"{PUBLIC}/",
        )
        yield build_gateway(settings)


@pytest_asyncio.fixture(scope="session")
async def address(app: FastAPI) -> AsyncIterator[str]:
    """Where the gateway listens; new passwords of tests are not worth computing time."""
    async with serving(app) as address:
        app.state.resources[Passwords]._argon2 = QUICK
        yield address


@pytest_asyncio.fixture
async def http(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the gateway."""
    async with httpx.AsyncClient(
        base_url=address, trust_env=False, timeout=30, verify=NO_TLS
    ) as client:
        yield client


@pytest_asyncio.fixture
async def rotatable(app: FastAPI, address: str) -> None:
    """The signing key has not been rotated within the last hour, as other tests may have done."""
    async with app.state.resources[Database].connection(None) as connection:
        await connection.execute(
            "update signing_key set retired_at = retired_at - interval '61 minutes' "
            "where retired_at > now() - interval '1 hour'"
        )
    app.state.resources[SigningKeys]._read_at = float("-inf")
    app.state.resources[TokenVerifier]._known.clear()


@pytest.fixture(scope="session")
def logged_in() -> list[Headers]:
    """The tokens of the three administrators; empty until they have logged in."""
    return []


@pytest_asyncio.fixture
async def platform(http: httpx.AsyncClient, logged_in: list[Headers]) -> Platform:
    """The three administrators, logged in; once for many tests, as that takes computing."""
    for headers in logged_in:
        if (await http.get("/v1/me", headers=headers)).status_code != 200:
            logged_in.clear()  # a test has rotated the signing key
            break
    if logged_in:
        return Platform(http, *logged_in)
    password = read_secret("bootstrap_password")
    assert password
    opened = await Platform.open(http, password)
    logged_in[:] = [opened.sysadmin, opened.secadmin, opened.auditor]
    return opened


@pytest.fixture
def name() -> str:
    """A name of this test's own."""
    return f"u{uuid4().hex[:12]}"


@pytest.fixture
async def crowd(address: str) -> AsyncIterator[Crowd]:
    """Clients with connections of their own."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=address,
                    trust_env=False,
                    timeout=60,
                    verify=NO_TLS,
                    limits=httpx.Limits(keepalive_expiry=1),  # sooner than the server's
                )
            )
            for _ in range(CLIENTS)
        ]


@pytest.fixture
async def headers(platform: Platform, name: str) -> Headers:
    """An account, logged in."""
    return await platform.person(name, "bureau_admin", bureau_code="620123")
