"""Every route with three callers: none, one without the scope, one with it."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.accountability.scenario import Scenario
from tests.architecture.snapshots import agreed
from tests.support.tokens import bearer

SCOPES = {
    ("get", "/v1/cases"): "cases:read",
    ("post", "/v1/cases"): "cases:write",
    ("get", "/v1/cases/by-key/{case_no}"): "cases:read",
    ("get", "/v1/cases/{case_id}"): "cases:read",
    ("patch", "/v1/cases/{case_id}"): "cases:write",
    ("get", "/v1/cases/{case_id}/events"): "cases:read",
    ("get", "/v1/cases/{case_id}/text-versions"): "cases:read",
    ("post", "/v1/cases/{case_id}/respondents"): "cases:write",
    ("delete", "/v1/cases/{case_id}/respondents/{staff_no}"): "cases:write",
    ("get", "/v1/summary"): "cases:read",
    ("post", "/v1/cases/{case_id}:file"): "cases:write",
    ("post", "/v1/cases/{case_id}:reject"): "cases:review",
    ("post", "/v1/cases/{case_id}:propose"): "cases:write",
    ("post", "/v1/cases/{case_id}:review"): "cases:review",
    ("post", "/v1/cases/{case_id}:return"): "cases:review",
    ("post", "/v1/cases/{case_id}:notify"): "cases:review",
    ("post", "/v1/cases/{case_id}:decide"): "cases:decide",
    ("post", "/v1/cases/{case_id}:execute"): "cases:execute",
    ("post", "/v1/cases/{case_id}:close"): "cases:execute",
    ("get", "/v1/own-cases"): "own_cases:read",
    ("get", "/v1/own-cases/{own_case_id}"): "own_cases:read",
    ("post", "/v1/own-cases/{own_case_id}:defend"): "own_cases:write",
    ("get", "/v1/code-lists"): "codes:read",
    ("get", "/v1/code-lists/{name}"): "codes:read",
    ("get", "/v1/procedures"): "codes:read",
    ("get", "/v1/procedures/{name}"): "codes:read",
}
# Tested with the chassis: histories in tests/architecture.
CHASSIS = (
    "/v1/clock", "/v1/jobs", "/v1/changes", "/v1/audit", "/v1/import", "/v1/export",
    "/v1/personal-data",
)  # fmt: skip
ALL_SCOPES = frozenset(SCOPES.values())


def documented() -> Iterator[tuple[tuple[str, str], Any]]:
    for path, operations in agreed("accountability")["paths"].items():
        for method, operation in operations.items():
            of_chassis = path.startswith(CHASSIS) or path.endswith("/history")
            if path.startswith("/v1/") and not of_chassis:
                yield (method, path), operation


def test_every_route_is_in_the_table() -> None:
    assert {route for route, _ in documented()} == set(SCOPES)


def test_every_route_is_documented() -> None:
    for route, operation in documented():
        assert operation["summary"], route
        assert operation["description"], route
        assert "401" in operation["responses"], route


@pytest.mark.parametrize(("route", "scope"), SCOPES.items(), ids=lambda value: str(value))
async def test_three_callers(scenario: Scenario, route: tuple[str, str], scope: str) -> None:
    method, template = route
    values = {"case_no": "none", "staff_no": "T1", "name": "triggers"}
    path = template.format(case_id=uuid4(), own_case_id=uuid4(), **values)

    none = await scenario.client.request(method, path)
    assert (none.status_code, none.json()["code"]) == (401, "auth.invalid_token")

    without = bearer(bureau=scenario.bureau, scopes=ALL_SCOPES - {scope})
    wrong = await scenario.client.request(method, path, headers=without)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "auth.missing_scope")
    assert scope in wrong.json()["detail"]

    right = await scenario.client.request(
        method, path, headers=bearer(bureau=scenario.bureau, scopes={scope})
    )
    assert right.status_code in (200, 404, 422), right.text


@pytest.mark.parametrize("role", ["bureau_admin", "supervisor", "school_head"])
async def test_only_the_leading_group_decides(scenario: Scenario, role: str) -> None:
    refused = await scenario.call(
        "POST", f"/v1/cases/{uuid4()}:decide", role, json={"basis": "责任追究制度"}
    )
    assert refused.status_code == 403


async def test_a_platform_account_has_no_cases(scenario: Scenario) -> None:
    token = bearer(bureau=None, scopes=ALL_SCOPES)
    refused = await scenario.client.get("/v1/cases", headers=token)
    assert refused.status_code == 403
