"""What every route of a kind answers is in its document, and the document says nothing else."""

from uuid import uuid4

import httpx
import pytest

from services.chassis.http.idempotency import require_key
from tests.architecture.conforming import must_be_documented
from tests.architecture.processes import Route, all_routes, operation_of
from tests.architecture.test_nasty_values import EVERY_SCOPE, bodies
from tests.architecture.test_roles import address
from tests.support.tokens import bearer

pytestmark = pytest.mark.quick

ROUTES = [route for route in all_routes() if not route.is_public]
KEYED = [
    route
    for route in ROUTES
    if any(one.call is require_key for one in route.original.dependant.dependencies)
]
FILES = {
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LISTS = [
    route
    for route in ROUTES
    if {"format", "compress"} <= {one["name"] for one in operation_of(route).get("parameters", [])}
]


def reads_json(route: Route) -> bool:
    """Whether the body is JSON and nothing else, and required."""
    body = operation_of(route).get("requestBody", {})
    return bool(body.get("required")) and body["content"].keys() == {"application/json"}


def parameter(route: Route, name: str) -> bool | None:
    """Whether a header is required; None when it is not documented."""
    for one in operation_of(route).get("parameters", []):
        if (one["in"], one["name"]) == ("header", name):
            return bool(one.get("required", False))
    return None


@pytest.fixture
def headers(bureau: str) -> dict[str, str]:
    """Somebody who may do everything, in a bureau where there is nothing."""
    return bearer("bureau_admin", bureau=bureau, scopes=EVERY_SCOPE, name="reader")


@pytest.mark.parametrize("route", [route for route in ROUTES if bodies(route)], ids=str)
async def test_malformed_json_is_400(
    route: Route, clients: dict[str, httpx.AsyncClient], headers: dict[str, str]
) -> None:
    for content in (b'{"a":', b"nothing", b'{"a": 1}}'):
        answer = await clients[route.process].request(
            route.method, address(route), content=content,
            headers=headers | {"Content-Type": "application/json"},
        )  # fmt: skip
        assert answer.status_code == 400, answer.text
        must_be_documented(route, answer, content)


@pytest.mark.parametrize("route", [route for route in ROUTES if reads_json(route)], ids=str)
async def test_a_body_of_another_type_is_415_with_the_right_one(
    route: Route, clients: dict[str, httpx.AsyncClient], headers: dict[str, str]
) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded"):
        answer = await clients[route.process].request(
            route.method, address(route), content=b"{}",
            headers=headers | key | {"Content-Type": kind},
        )  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (
            415,
            "platform.unsupported_media_type",
        )
        assert "application/json" in answer.json()["detail"]
        must_be_documented(route, answer, kind)


@pytest.mark.parametrize("route", KEYED, ids=str)
async def test_a_required_key_is_documented_and_its_absence_is_400(
    route: Route, clients: dict[str, httpx.AsyncClient], headers: dict[str, str]
) -> None:
    assert parameter(route, "Idempotency-Key") is True
    answer = await clients[route.process].post(
        address(route), headers=headers | {"Idempotency-Key": ""}
    )
    assert (answer.status_code, answer.json()["code"]) == (
        400,
        "platform.idempotency_key_required",
    )
    described = operation_of(route)["responses"]["400"]["description"]
    assert "platform.idempotency_key_required" in described


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_what_is_conditional_is_412_otherwise(route: Route) -> None:
    operation = operation_of(route)
    documented = {str(status) for status in operation["responses"]}
    required = parameter(route, "If-Match")
    assert ("412" in documented) == (required is not None)
    assert ("428" in documented) == (required is True)
    is_known = route.method == "GET" and parameter(route, "If-None-Match") is not None
    assert ("304" in documented) == is_known


@pytest.mark.parametrize("route", LISTS, ids=str)
async def test_a_list_documents_its_files(
    route: Route, clients: dict[str, httpx.AsyncClient], headers: dict[str, str]
) -> None:
    content = operation_of(route)["responses"]["200"]["content"]
    assert {*FILES.values(), "application/gzip", "application/json"} == content.keys()
    for wanted, kind in FILES.items():
        for compress in ("none", "gzip"):
            answer = await clients[route.process].get(
                address(route), params={"format": wanted, "compress": compress}, headers=headers
            )
            must_be_documented(route, answer)
            if answer.status_code == 200:
                expected = kind if compress == "none" else "application/gzip"
                assert answer.headers["content-type"].partition(";")[0] == expected
