"""Whatever is sent to whatever place, no process answers that it is its own fault."""

import json
from collections import defaultdict
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from gateway.roles import ROLES, SERVICE_SCOPES
from tests.architecture.conforming import must_be_documented
from tests.architecture.processes import Route, all_routes, operation_of
from tests.architecture.snapshots import agreed
from tests.architecture.test_roles import address
from tests.support.tokens import bearer

ROUTES = [route for route in all_routes() if not route.is_public and route.path != "/v1/clock"]
EVERY_SCOPE = {scope for spec in ROLES.values() for scope in spec.scopes}.union(
    *SERVICE_SCOPES.values()
)
NASTY: list[Any] = [
    None, True, -1, 10**30, "", "\x00", "x" * 3000, "9" * 400, "{0}'%s", "9999-12-31", "😀",
    "\ud800", [], [None], {}, {"a": {"b": {}}},
]  # fmt: skip
IN_ADDRESS = [
    "%00",
    "%FF",
    "..%2F..",
    "x" * 2000,
    "9" * 40,
    "-1",
    quote("😀"),
    "a%0Ab",
    "%25s",
    "{}",
]
MOST = 20  # parameters in one address
IN_QUERY = ["", "\x00", "-1", "9" * 30, "1e308", "NaN", "9999-12-31", "x" * 2500, "😀", "null"]


@pytest.fixture
def headers(bureau: str) -> dict[str, str]:
    """Somebody who may do everything, in a bureau where there is nothing."""
    return bearer("bureau_admin", bureau=bureau, scopes=EVERY_SCOPE, name="nasty")


def example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """A value as the documentation shows it."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if schema.get("examples"):
        return schema["examples"][0]
    for choice in schema.get("anyOf", []):
        return example(choice, schemas)
    if "properties" in schema:
        return {name: example(value, schemas) for name, value in schema["properties"].items()}
    if schema.get("type") == "array":
        return [example(schema["items"], schemas)]
    return schema.get("default", "x")


def variants(body: Any) -> list[Any]:
    """The body with each of its values, or all of it, replaced."""
    made = list(NASTY)
    if isinstance(body, dict):
        for name, value in body.items():
            made += [body | {name: nasty} for nasty in NASTY]
            if isinstance(value, list) and value and isinstance(value[0], dict):
                made += [body | {name: [variant]} for variant in variants(value[0])]
        made.append(body | {"\x00": 1})
    return made


def kind_of(schema: dict[str, Any]) -> str:
    """What a parameter takes, whatever it is called and for."""
    texts = {"title", "description", "examples", "default"}
    return json.dumps({name: value for name, value in schema.items() if name not in texts})


def must_be_the_callers_fault(route: Route, answer: httpx.Response, what: Any) -> None:
    """Neither a crash nor an answer that is no problem, or is not documented."""
    must_be_documented(route, answer, what)
    if answer.status_code == 503:  # the registry, which is not there
        # Or another platform's, which does not know this one's services.
        codes = ("platform.upstream_unavailable", "platform.unavailable")
        assert answer.json()["code"] in codes, (what, answer.text)
        return
    assert answer.status_code < 500, (what, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", what
        assert "Traceback" not in answer.text


def bodies(route: Route) -> list[Any]:
    """Everything to be sent to a route."""
    content = operation_of(route).get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return []
    schemas = agreed(route.process)["components"]["schemas"]
    return variants(example(content["application/json"]["schema"], schemas))


@pytest.mark.parametrize("route", [route for route in ROUTES if bodies(route)], ids=str)
async def test_in_a_body(
    route: Route, clients: dict[str, httpx.AsyncClient], headers: dict[str, str]
) -> None:
    for body in bodies(route):
        answer = await clients[route.process].request(
            route.method, address(route), content=json.dumps(body).encode(),
            headers=headers | {"Content-Type": "application/json"},
        )  # fmt: skip
        must_be_the_callers_fault(route, answer, body)


@pytest.mark.parametrize("route", [route for route in ROUTES if "{" in route.path], ids=str)
async def test_in_an_address(
    route: Route, clients: dict[str, httpx.AsyncClient], headers: dict[str, str]
) -> None:
    pieces = route.path.split("/")
    for place in (n for n, piece in enumerate(pieces) if piece.startswith("{")):
        for nasty in IN_ADDRESS:
            verb = pieces[place].partition("}")[2]
            path = "/".join([*pieces[:place], nasty + verb, *pieces[place + 1 :]])
            path = address(Route(route.process, route.method, path, None))
            answer = await clients[route.process].request(route.method, path, headers=headers)
            must_be_the_callers_fault(route, answer, path)


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if operation_of(route).get("parameters")], ids=str
)
async def test_in_a_query(
    route: Route, clients: dict[str, httpx.AsyncClient], headers: dict[str, str]
) -> None:
    # Parameters of one kind take or refuse a value alike, so they are asked about together.
    of_kind: defaultdict[str, list[str]] = defaultdict(list)
    for parameter in operation_of(route)["parameters"]:
        if parameter["in"] == "query":
            of_kind[kind_of(parameter["schema"])].append(parameter["name"])
    together = (n[i : i + MOST] for n in of_kind.values() for i in range(0, len(n), MOST))
    for names in together:
        for value in IN_QUERY:
            answer = await clients[route.process].request(
                route.method, address(route), params=dict.fromkeys(names, value), headers=headers
            )
            must_be_the_callers_fault(route, answer, (names, value))
