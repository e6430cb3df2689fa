"""Every write that documents `If-Match` keeps to it: 412 when the row is at another version."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.roles import ROLES, Role
from services.chassis.http.preconditions import RowChanged
from tests.architecture.conforming import must_be_documented
from tests.architecture.processes import PROCESSES, Route, operation_of, routes_of
from tests.architecture.snapshots import agreed
from tests.architecture.test_lists import resolved
from tests.architecture.test_nasty_values import example
from tests.fuzz.scenario import Scenario

STALE = '"999"'
# Closed in a year that is over, and in one that has not begun: `tests/appraisal` has them open.
CLOSED = {
    ("PUT", "/v1/cycles/{cycle_id}/scores/{staff_no}"),
    ("DELETE", "/v1/cycles/{cycle_id}/participation-records/{participation_record_id}"),
}
WHO = ("bureau_admin", "bureau_leader", "system_admin", "security_admin")
# Not the built-in rules, which nobody changes.
VALUES = {"code": "own"}


def conditional() -> Iterator[Route]:
    """Every operation that documents `If-Match`."""
    for process in PROCESSES:
        for route in routes_of(process):
            if not route.is_page and (route.method, route.path) not in CLOSED:
                names = {one["name"] for one in operation_of(route).get("parameters", [])}
                if "If-Match" in names:
                    yield route


CONDITIONAL = list(conditional())


def path_of(route: Route, scenario: Scenario) -> str:
    """The address of something that is there."""
    prefix = "" if route.process == "gateway" else f"/{route.process}"

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return VALUES.get(name) or str(scenario.values.get(name, [uuid4()])[0])

    return prefix + re.sub(r"\{(\w+)\}", value, route.path)


def body_of(route: Route, client: httpx.Client, path: str) -> Any:
    """The documented example, with what is stored already."""
    content = operation_of(route).get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    document = agreed(route.process)
    schema = resolved(content["application/json"]["schema"], document)
    if route.method == "PATCH":
        return {}
    body = example(schema, document["components"]["schemas"])
    if "by-key" in path:
        stored = client.get(path).json()
        body |= {name: stored[name] for name in schema["properties"] if name in stored}
    return body


@pytest.fixture(scope="module")
def tokens(scenario: Scenario) -> dict[str, str]:
    return {role: scenario.token(role) for role in WHO}


@pytest.mark.parametrize("route", CONDITIONAL, ids=str)
def test_a_stale_version_is_412(route: Route, scenario: Scenario, tokens: dict[str, str]) -> None:
    role = next(role for role in WHO if set(route.scopes) <= ROLES[Role(role)].scopes)
    headers = {"Authorization": f"Bearer {tokens[role]}", "Idempotency-Key": uuid4().hex}
    with httpx.Client(base_url=scenario.url, headers=headers) as client:
        path = path_of(route, scenario)
        body = body_of(route, client, path)
        answer = client.request(route.method, path, json=body, headers={"If-Match": STALE})
    assert (answer.status_code, answer.json()["code"]) == (412, RowChanged.code), answer.text
    must_be_documented(route, answer)


def test_most_writes_are_conditional() -> None:
    assert len(CONDITIONAL) > 30
