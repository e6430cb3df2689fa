import re

import pytest

from tests.architecture.processes import (
    PROCESSES,
    Route,
    all_routes,
    application,
    operation_of,
    routes_of,
)
from tests.architecture.snapshots import agreed

pytestmark = pytest.mark.quick

ROUTES = all_routes()
GUARDED = [route for route in ROUTES if not route.is_public]
DOCUMENTED = [route for route in ROUTES if not route.is_page]
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_SCOPE = re.compile(r"^[a-z_]+:[a-z]+$")
# Files and what is told as it happens have no schema.
_STREAMED = ("-rows", "/events", "/content", ".xlsx", ".csv")
_JOBS = ("/v1/imports/", "/v1/exports/", "/v1/import-templates/")
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_every_route_demands_exactly_one_scope(route: Route) -> None:
    assert len(set(route.scopes)) == 1
    assert _SCOPE.match(route.scopes[0])
    assert operation_of(route)["security"] == [{"HTTPBearer": route.scopes}]


@pytest.mark.parametrize("route", DOCUMENTED, ids=str)
def test_every_route_is_documented_in_both_languages(route: Route) -> None:
    operation = operation_of(route)
    assert _CHINESE.search(operation["summary"]), "the summary carries the Chinese term"
    assert re.search("[A-Za-z]", operation["summary"])
    assert operation["description"]
    assert len(operation["tags"]) == 1
    described = {tag["name"]: tag["description"] for tag in agreed(route.process)["tags"]}
    assert re.fullmatch("[a-z]+([ -][a-z]+)*", operation["tags"][0]), "generators make names of it"
    assert _CHINESE.search(described[operation["tags"][0]])


# A link answers with the file or stream that it leads to.
_OF_ANY_TYPE = {"/metrics", "/v1/links/{secret}"}


@pytest.mark.parametrize("route", DOCUMENTED, ids=str)
def test_every_route_says_what_it_answers_and_what_can_go_wrong(route: Route) -> None:
    responses = operation_of(route)["responses"]
    good = [status for status in responses if status.startswith("2")]
    assert len(good) >= 1
    is_streamed = route.path.startswith(_JOBS) and route.path.endswith(_STREAMED)
    if is_streamed and route.method == "GET":
        assert responses["200"]["content"].keys().isdisjoint({"application/json"})
    elif good != ["204"] and route.path not in _OF_ANY_TYPE:
        assert responses[good[0]]["content"]["application/json"]["schema"], "no response model"
    bad = {status: answer for status, answer in responses.items() if status >= "4"}
    if not route.is_public:
        assert {"401", "403", "422"} <= bad.keys()
    if "{" in route.path and route.method != "PUT":
        assert "404" in bad
    for answer in bad.values():
        assert answer["content"]["application/problem+json"]["schema"] == _PROBLEM
        assert _CHINESE.search(answer["description"])


@pytest.mark.parametrize("process", PROCESSES)
def test_no_two_operations_share_an_id_and_nothing_is_hidden(process: str) -> None:
    document = application(process).openapi()
    routes = [route for route in routes_of(process) if not route.is_page]
    ids = [operation_of(route)["operationId"] for route in routes]
    assert len(set(ids)) == len(ids)
    documented = {(m.upper(), path) for path, item in document["paths"].items() for m in item}
    assert documented == {(route.method, route.path) for route in routes}


@pytest.mark.parametrize("process", PROCESSES)
def test_every_field_has_a_meaning(process: str) -> None:
    bare = [
        f"{name}.{field}"
        for name, schema in application(process).openapi()["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
        if field not in ("created_at", "updated_at")
        and not (described.get("description") or _CHINESE.search(described.get("title", "")))
    ]
    assert bare == []
