"""What can be exported as a job is what can be listed, under the same scope."""

import re
from collections.abc import Iterator, Sequence
from importlib import import_module

import pytest

from services.chassis.exports.spec import Exportable
from services.chassis.lists.query import ListQuery
from tests.architecture.processes import SERVICES, Route, routes_of

pytestmark = pytest.mark.quick

_PARENTS = re.compile(r"\{(\w+)\}")
# What runs in the service, not what it is about.
_OF_CHASSIS = {"imports", "faults", "exports", "jobs"}


def lists(service: str) -> Iterator[tuple[str, Route, type]]:
    """The list routes of a service with their names and query models."""
    for route in routes_of(service):
        name = route.path.rpartition("/")[2]
        for dependency in route.original.dependant.dependencies:
            if isinstance(dependency.call, ListQuery) and name not in _OF_CHASSIS:
                yield name, route, dependency.call.model


@pytest.mark.parametrize("service", SERVICES)
def test_every_list_is_exported_as_its_route_says(service: str) -> None:
    declared: Sequence[Exportable] = import_module(f"services.{service}.features").SERVICE.exports
    by_name = {one.resource: one for one in declared}
    assert by_name.keys() == {name for name, *_ in lists(service)}
    for name, route, model in lists(service):
        exportable = by_name[name]
        assert exportable.listing_in("zh-CN").params is model, name
        assert [exportable.scope] == route.scopes, name
        assert list(exportable.within) == _PARENTS.findall(route.path), name
        assert (exportable.guard is None) == (not exportable.within), name
