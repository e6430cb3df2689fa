"""Every route that reads needs one connection at a time: a pool of one suffices for it.

A request that keeps one connection while it waits for a second starves the others, and itself.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from services.chassis.core.settings import ServiceSettings
from services.chassis.database.db import Database
from tests.architecture.processes import SERVICES, Route, application
from tests.architecture.seeding import BUREAU, PERSON, TEXT
from tests.architecture.test_nasty_values import EVERY_SCOPE
from tests.architecture.test_row_security_routes import ROUTES, address
from tests.support.running import running
from tests.support.tokens import claims, sign


@pytest.fixture(scope="module")
async def clients_of_one(seeded: str) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Every service on the seeded database, with one connection for lists and one for the ORM."""
    url = seeded.replace(seeded.partition("//")[2].rpartition("@")[0] + "@", "")
    async with AsyncExitStack() as stack:
        clients = {}
        for service in SERVICES:
            app = application(service)
            clients[service] = await stack.enter_async_context(running(app))
            settings = ServiceSettings.for_service(
                service, database_url=url, pool_size=1, acquire_timeout=3
            )
            database = Database(service, settings)
            await database.open()
            stack.push_async_callback(database.close)
            app.state.resources.add(database)
        yield clients


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_one_connection_suffices(
    route: Route, clients_of_one: dict[str, httpx.AsyncClient]
) -> None:
    scopes = EVERY_SCOPE | {"personal_data:read"}
    claimed = claims(["bureau_admin"], bureau=BUREAU, staff_no=PERSON, scopes=scopes)
    headers = {"Authorization": f"Bearer {sign(claimed | {'sub': TEXT})}"}
    answer = await clients_of_one[route.process].get(address(route), headers=headers)
    # The copy of a person's data asks the other services, which do not run here.
    is_alone = "platform.upstream_unavailable" in answer.text
    assert answer.status_code < 500 or is_alone, answer.text
