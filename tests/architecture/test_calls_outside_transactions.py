"""No route calls another service while a transaction is open."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from services.chassis.core.resources import FindResource
from services.chassis.database.db import get_begin, get_connection, get_session
from services.chassis.peers.client import PlatformClient
from tests.architecture.processes import SERVICES, application

pytestmark = pytest.mark.quick

_OPEN_AT_ONCE = {get_session, get_connection}


def dependencies(dependant: Any) -> Iterator[Any]:
    """All that a route depends on, directly or not."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from dependencies(inner)


def calls_others(found: list[Any]) -> bool:
    """Whether a route with these dependencies can call another service."""
    return any(isinstance(call, FindResource) and call.kind is PlatformClient for call in found)


_ROUTES = {
    f"{service} {sorted(route.methods)} {route.path}": [*dependencies(route.dependant)]
    for service in SERVICES
    for route in iter_route_contexts([*application(service).routes])
    if route.methods and getattr(route, "dependant", None)
}
CALLING = {name: found for name, found in _ROUTES.items() if calls_others(found)}
BEGINNING = {name: found for name, found in _ROUTES.items() if get_begin in found}


def test_there_are_such_routes() -> None:
    assert len(CALLING) >= 4
    assert len(BEGINNING) >= 3


@pytest.mark.parametrize("name", [*CALLING])
def test_a_route_that_calls_others_opens_no_transaction_before(name: str) -> None:
    assert not _OPEN_AT_ONCE.intersection(CALLING[name])


@pytest.mark.parametrize("name", [*BEGINNING])
def test_a_route_has_one_transaction(name: str) -> None:
    """With a key, one that is open at once would not be the one that claims."""
    assert not _OPEN_AT_ONCE.intersection(BEGINNING[name])
