"""What can be exported as a job is what can be listed, under the same scope."""

import re
from collections.abc import Iterator, Sequence
from importlib import import_module

import pytest

from services.chassis.exports.spec import Exportable
from services.chassis.lists.query import ListQuery
from services.chassis.schemas.titles import title_of
from tests.architecture.processes import (
    PROCESSES,
    SERVICES,
    Route,
    declaration_of,
    routes_of,
)

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


@pytest.mark.parametrize("process", PROCESSES)
def test_labels_of_a_code_list_are_unique(process: str) -> None:
    """Imports read labels back."""
    for code_list in declaration_of(process).code_lists:
        for language in ("zh", "en"):
            labels = [getattr(label, language) for label in code_list.labels.values()]
            assert len(set(labels)) == len(labels), (code_list.name, language)


@pytest.mark.parametrize("process", PROCESSES)
def test_every_column_has_a_title_in_chinese(process: str) -> None:
    """Such as stands in the header of a table for people."""
    for exportable in declaration_of(process).exports:
        for name, info in exportable.listing_in("zh-CN").read.model_fields.items():
            title = title_of(name, info)
            assert re.search("[\u4e00-\u9fff]", title.zh), f"{exportable.resource}.{name}"
