"""What routes declare about bodies and waiting: found as the router finds them, here and there."""

import pytest
from starlette.datastructures import Headers

from gateway.proxy.rules import GatewayRules
from services.chassis.http.route_rules import NO_ROUTE, Body, RouteRule, RouteRules, Waits
from tests.architecture.processes import (
    PROCESSES,
    SERVICES,
    Route,
    all_routes,
    application,
    operation_of,
)

pytestmark = pytest.mark.quick

ROUTES = all_routes()
DOCUMENTED = [route for route in ROUTES if not route.is_page]
OF_SERVICES = [route for route in ROUTES if route.process in SERVICES and not route.is_public]
_ID = "01890000-0000-7000-8000-000000000001"
_FORM = Headers({"content-type": "multipart/form-data; boundary=x"})
_JSON = Headers({"content-type": "application/json"})


def rules_of(process: str) -> RouteRules:
    """The rules that the routes of a process declare."""
    return RouteRules(lambda: application(process).routes)


_RULES = {process: rules_of(process) for process in PROCESSES}
_GATEWAY = GatewayRules(_RULES["gateway"], frozenset(SERVICES))


def address(route: Route) -> str:
    """An address that the route serves."""
    parts = route.path.replace("}", "{").split("{")
    return "".join(_ID if number % 2 else part for number, part in enumerate(parts))


def at_gateway(method: str, path: str) -> RouteRule:
    """The rule that the gateway finds."""
    return _GATEWAY({"type": "http", "method": method, "path": path})


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_route_is_found_and_asks_for_a_token_or_not(route: Route) -> None:
    rule = _RULES[route.process].at(route.method, address(route))
    assert (rule.path, rule.is_open) == (route.path, route.is_public)


@pytest.mark.parametrize("route", OF_SERVICES, ids=str)
def test_the_gateway_knows_what_the_service_declares(route: Route) -> None:
    own = _RULES[route.process].at(route.method, address(route))
    there = at_gateway(route.method, f"/{route.process}{address(route)}")
    assert (there.body, there.waits, there.is_open) == (own.body, own.waits, False)


@pytest.mark.parametrize("route", DOCUMENTED, ids=str)
def test_files_and_waiting_are_declared_where_they_are_documented(route: Route) -> None:
    rule, operation = _RULES[route.process].at(route.method, address(route)), operation_of(route)
    content = operation.get("requestBody", {}).get("content", {})
    assert rule.takes_file(_FORM) == bool(
        content.keys() & {"multipart/form-data", "application/octet-stream"}
    )
    assert rule.takes_file(_JSON) == ("application/octet-stream" in content)
    names = [one["name"] for one in operation.get("parameters", [])]
    is_stream = "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
    expected = Waits.ALWAYS if is_stream else Waits.IF_ASKED if "wait" in names else Waits.NEVER
    assert rule.waits is expected


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/v1/imports/{_ID}/content"),
        ("PATCH", f"/v1/imports/{_ID}/content"),
        ("PUT", f"/v1/imports/{_ID}/content/"),
        ("PUT", f"/v1/imports/{_ID}/content/x"),
        ("PUT", f"/v1/imports/{_ID}//content"),
        ("PUT", f"/v1/imports/{_ID}/a/content"),
        ("PUT", "/v1/imports//content"),
        ("PUT", f"/v1/imports/{_ID}/content;x"),
        ("PUT", f"/v1/Imports/{_ID}/content"),
        ("PUT", f"/v1/imports/{_ID}/CONTENT"),
        ("PUT", f"/V1/imports/{_ID}/content"),
        ("PUT", f"/v1//imports/{_ID}/content"),
        ("PUT", f"//v1/imports/{_ID}/content"),
        ("PUT", f"/v1/exports/{_ID}/content"),
        ("PUT", f"/v1/staff/{_ID}/content"),
        ("PUT", "/v1/imports"),
        ("POST", "/v1/imports/"),
        ("POST", "/v1/imports:previews"),
        ("POST", f"/v1/imports/{_ID}:commit"),
        ("POST", "/v1/exports"),
        ("POST", "/v1/staff:batch"),
        ("GET", f"/v1/imports/{_ID}/content"),
    ],
)
@pytest.mark.parametrize("service", SERVICES)
def test_nothing_else_takes_a_file(service: str, method: str, path: str) -> None:
    for rule in (_RULES[service].at(method, path), at_gateway(method, f"/{service}{path}")):
        assert not rule.takes_file(_FORM)
        assert rule.body is Body.DATA


@pytest.mark.parametrize(
    ("method", "path", "query", "waits"),
    [
        ("GET", "/v1/changes", b"after=now&wait=15", True),
        ("GET", "/v1/changes", b"w%61it=15", True),
        ("GET", "/v1/changes", b"wait=%31", True),
        ("GET", "/v1/changes", b"wait=0&wait=1", True),
        ("GET", f"/v1/imports/{_ID}/events", b"", True),
        ("GET", f"/v1/imports/{_ID}", b"wait=1", True),
        ("GET", f"/v1/exports/{_ID}", b"wait=60", True),
        ("GET", "/v1/changes", b"", False),
        ("GET", "/v1/changes", b"after=x&wait=0", False),
        ("GET", "/v1/changes", b"wait=00&x=%20", False),
        ("GET", "/v1/changes", b"await=15", False),
        ("GET", "/v1/changes/", b"wait=15", False),
        ("GET", "/v1/schools", b"wait=15", False),
        ("GET", "/v1/schools", b"format=csv&wait=15", False),
        ("GET", f"/v1/exports/{_ID}/content", b"wait=15", False),
        ("GET", f"/v1/imports/{_ID}/failed-rows", b"wait=15", False),
        ("GET", f"/v1/cases/{_ID}/events", b"", False),
        ("POST", "/v1/changes", b"wait=15", False),
        ("PUT", f"/v1/imports/{_ID}/content", b"wait=15", False),
    ],
)
def test_which_requests_may_wait(method: str, path: str, query: bytes, waits: bool) -> None:
    assert _RULES["schools"].at(method, path).may_wait(query) is waits
    assert at_gateway(method, f"/schools{path}").may_wait(query) is waits


def test_what_is_nowhere_has_the_least() -> None:
    assert at_gateway("GET", "/nowhere") is NO_ROUTE
    assert _RULES["schools"].at("GET", "/v1/nowhere") is NO_ROUTE
