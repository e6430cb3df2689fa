"""Row security under every route that reads: where the application errs, PostgreSQL does not.

The application takes the caller for an administrator of bureau A and asks for A's rows, as if its
own check were gone; PostgreSQL is told who it really is.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from services.chassis.core.settings import ServiceSettings
from services.chassis.database.auth import Caller
from services.chassis.database.db import Database
from tests.architecture.processes import SERVICES, Route, application, routes_of
from tests.architecture.seeding import BUREAU, PERSON, ROW, SCHOOL, TEXT
from tests.architecture.test_nasty_values import EVERY_SCOPE
from tests.architecture.test_row_security_alone import OWNER, STRANGERS
from tests.support.running import running
from tests.support.tokens import claims, sign

# Nobody's data: clock, code lists, procedures, templates, names of keys, the statutory calendar.
_OF_NOBODY = (
    "/v1/clock", "/v1/code-lists", "/v1/import-templates", "/v1/personal-data/keys",
    "/v1/procedures", "/v1/working-days",
)  # fmt: skip
# Everybody's of the bureau.
_OF_EVERYBODY = re.compile(
    r"/v1/(bureaus|cycles|calendar-days)(/by-key/\{\w+\}|/\{\w+\})?(/history)?$"
    r"|/v1/cycles/\{cycle_id\}/public-notice$"
)
_OF_PLATFORM = ("/v1/bureaus", "/v1/audit-events")
# Of whom there is no row that these would show; their tables: test_row_security_alone.py.
_NOT_SEEDED = ("/v1/imports", "/v1/exports", "/v1/jobs", "/v1/changes", "/v1/audit-events")
_BUILT_IN = {"founding"}
_VALUES = {
    "staff_no": PERSON, "school_code": SCHOOL, "bureau_code": BUREAU, "year": "1",
    "starts_on": "2026-01-01",
}  # fmt: skip
ROUTES = [
    route
    for service in SERVICES
    for route in routes_of(service)
    if route.method == "GET" and not route.is_public and not route.path.startswith(_OF_NOBODY)
]


def address(route: Route) -> str:
    """The address of the seeded row."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return _VALUES.get(name) or (ROW if name.endswith("_id") else TEXT)

    path = re.sub(r"\{(\w+)\}", value, route.path)
    return f"{path}?staff_no={PERSON}" if path == "/v1/personal-data" else path


def tells(route: Route, answer: httpx.Response) -> bool:
    """Whether an answer says anything of a row, be it that there is one."""
    if answer.status_code in (403, 404):
        return False
    if route.path.endswith(("/history", "/personal-data")) and answer.status_code != 200:
        return True
    document: dict[str, Any] = answer.json()
    if route.path == "/v1/summary":
        return bool(document["cases"])
    if "records" in document:
        return any(document["records"].values()) or bool(document["events"])
    if "data" in document and not route.path.endswith("/history"):
        return any(row.get("code") not in _BUILT_IN for row in document["data"])
    return True


@pytest.fixture(scope="module")
async def seeded_clients(seeded: str) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Every service on the seeded database."""
    url = seeded.replace(seeded.partition("//")[2].rpartition("@")[0] + "@", "")
    async with AsyncExitStack() as stack:
        clients = {}
        for service in SERVICES:
            app = application(service)
            clients[service] = await stack.enter_async_context(running(app))
            settings = ServiceSettings.for_service(service, database_url=url)
            app.state.resources.add(Database(service, settings))
            await app.state.resources[Database].open()
            stack.push_async_callback(app.state.resources[Database].close)
        yield clients


@pytest.fixture
def really(monkeypatch: pytest.MonkeyPatch) -> list[Caller]:
    """Who PostgreSQL is told calls, whomever the application takes it for: the last one."""
    callers = [OWNER]
    context = Database._context

    def context_of_last(database: Database, caller: Caller | None) -> tuple[str, ...]:
        return context(database, caller and callers[-1])

    monkeypatch.setattr(Database, "_context", context_of_last)
    return callers


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_no_route_tells_what_is_foreign(
    route: Route, seeded_clients: dict[str, httpx.AsyncClient], really: list[Caller]
) -> None:
    scopes = EVERY_SCOPE | {"personal_data:read"}
    claimed = claims(["bureau_admin"], bureau=BUREAU, staff_no=PERSON, scopes=scopes)
    token = sign(claimed | {"sub": TEXT})
    client, headers = seeded_clients[route.process], {"Authorization": f"Bearer {token}"}
    answer = await client.get(address(route), headers=headers)
    assert tells(route, answer) or route.path.startswith(_NOT_SEEDED), answer.text
    for who, stranger in STRANGERS.items():
        if stranger.bureau == BUREAU and _OF_EVERYBODY.match(route.path):
            continue
        if stranger.bureau is None and route.path.startswith(_OF_PLATFORM):
            continue
        really.append(stranger)
        answer = await client.get(address(route), headers=headers)
        assert answer.status_code < 500, answer.text
        assert not tells(route, answer), who
