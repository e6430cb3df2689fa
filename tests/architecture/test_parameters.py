"""No query parameter is passed over: unknown ones and repeated ones are refused everywhere."""

from typing import Any

import httpx
import pytest

from tests.architecture.conforming import must_be_documented
from tests.architecture.processes import Route, all_routes, operation_of
from tests.architecture.test_nasty_values import EVERY_SCOPE
from tests.architecture.test_roles import address
from tests.support.tokens import bearer

pytestmark = pytest.mark.quick

ROUTES = [route for route in all_routes() if not route.is_public]
_VALUES = {"integer": "1", "boolean": "true", "number": "1"}


def single(route: Route) -> dict[str, str]:
    """The query parameters of a route that take one value, each with one that fits."""
    declared = operation_of(route).get("parameters", [])
    return {
        one["name"]: value_of(one["schema"])
        for one in declared
        if one["in"] == "query" and not is_repeatable(one)
    }


def is_repeatable(parameter: dict[str, Any]) -> bool:
    kinds = [parameter["schema"], *parameter["schema"].get("anyOf", [])]
    is_list = any(kind.get("type") == "array" for kind in kinds)
    return is_list and parameter.get("explode", True)


def value_of(schema: dict[str, Any]) -> str:
    kind = next((one for one in schema.get("anyOf", []) if one.get("type") != "null"), schema)
    return _VALUES.get(kind.get("type", ""), "x")


def faults(answer: httpx.Response) -> set[tuple[str, str]]:
    return {(one["pointer"], one["code"]) for one in answer.json()["errors"]}


@pytest.fixture
def headers(bureau: str) -> dict[str, str]:
    """Somebody who may do everything, in a bureau where there is nothing."""
    return bearer("bureau_admin", bureau=bureau, scopes=EVERY_SCOPE, name="asker")


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_an_unknown_parameter_is_refused(
    route: Route, clients: dict[str, httpx.AsyncClient], headers: dict[str, str]
) -> None:
    query = {"dry_run": "true", "no_such_parameter": "1"}
    known = {one["name"] for one in operation_of(route).get("parameters", [])}
    answer = await clients[route.process].request(
        route.method, address(route), params=query, headers=headers
    )
    if route.method == "GET":  # of writes without their body, that is wrong as well
        assert answer.status_code == 422, answer.text
    assert answer.status_code >= 400
    must_be_documented(route, answer)
    if answer.status_code == 422:
        expected = {(f"/{name}", "extra_forbidden") for name in query if name not in known}
        assert expected <= faults(answer), answer.text


@pytest.mark.parametrize("route", [route for route in ROUTES if single(route)], ids=str)
async def test_a_parameter_of_one_value_is_refused_twice(
    route: Route, clients: dict[str, httpx.AsyncClient], headers: dict[str, str]
) -> None:
    wanted = single(route)
    query = {name: [value, value] for name, value in wanted.items()}
    answer = await clients[route.process].request(
        route.method, address(route), params=query, headers=headers
    )
    assert answer.status_code == 422, answer.text
    assert faults(answer) == {(f"/{name}", "parameter.repeated") for name in wanted}


async def test_every_fault_of_a_query_comes_at_once(
    clients: dict[str, httpx.AsyncClient], headers: dict[str, str]
) -> None:
    query = [("after", "now"), ("after", "now"), ("resource", "staff"), ("resource", "schools")]
    answer = await clients["schools"].get(
        "/v1/changes", params=[*query, ("since", "1")], headers=headers
    )
    assert answer.status_code == 422
    assert faults(answer) == {("/after", "parameter.repeated"), ("/since", "extra_forbidden")}


async def test_nobody_is_told_about_parameters_without_a_token(
    clients: dict[str, httpx.AsyncClient],
) -> None:
    for path in ("/v1/changes", "/v1/audit-events", "/v1/code-lists"):
        answer = await clients["schools"].get(path, params={"no_such_parameter": "1"})
        assert answer.status_code == 401, path
