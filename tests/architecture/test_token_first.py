"""Whatever else is wrong with a request, the first thing that counts is its token."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.architecture.processes import Route, all_routes
from tests.architecture.test_roles import address
from tests.support.tokens import bearer, claims, sign

GUARDED = [route for route in all_routes() if not route.is_public]
OPEN_ROUTES = [route for route in all_routes() if route.is_public]
_JSON = {"Content-Type": "application/json"}
FAULTS: dict[str, dict[str, Any]] = {
    "unknown and malformed parameters": {
        "params": {"limit": "x", "sort": "nope", "cursor": "x", "unknown": "1", "wait": "-1"}
    },
    "a repeated parameter": {"params": [("limit", "1"), ("limit", "2")]},
    "malformed JSON": {"content": b"{", "headers": _JSON},
    "JSON of another type": {"content": b"7", "headers": _JSON},
    "deep JSON": {"content": b"[" * 100, "headers": _JSON},
    "JSON with a repeated name": {"content": b'{"a":1,"a":2}', "headers": _JSON},
    "a form where there is none": {
        "content": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}
    },
    "a body of another kind": {"content": b"x", "headers": {"Content-Type": "text/plain"}},
    "a body that is too large": {"headers": {"Content-Length": str(2**50)}},
    "an empty Idempotency-Key": {"headers": {"Idempotency-Key": ""}},
    "an endless Idempotency-Key": {"headers": {"Idempotency-Key": "x" * 300}},
    "conditions that make no sense": {"headers": {"If-Match": "x", "If-None-Match": "*"}},
}  # fmt: skip
TOKENS = {
    "none": {},
    "expired": {"Authorization": f"Bearer {sign(claims(bureau=None) | {'exp': 1})}"},
    "of another kind": {"Authorization": "Basic YTpi"},
}


def must_be_refused(answer: httpx.Response, what: object) -> None:
    """The problem of a token that does not hold, and no other."""
    assert answer.status_code == 401, (what, answer.text)
    assert answer.json()["code"] == "auth.invalid_token", what
    assert answer.json()["errors"] == []
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("route", GUARDED, ids=str)
async def test_whatever_else_is_wrong(route: Route, clients: dict[str, httpx.AsyncClient]) -> None:
    for name, fault in FAULTS.items():
        for kind, token in TOKENS.items():
            given = fault | {"headers": fault.get("headers", {}) | token}
            answer = await clients[route.process].request(route.method, address(route), **given)
            must_be_refused(answer, (name, kind))


@pytest.mark.parametrize("route", [one for one in GUARDED if "{" in one.path], ids=str)
async def test_whatever_the_address_says(
    route: Route, clients: dict[str, httpx.AsyncClient]
) -> None:
    path = route.path
    for part in [piece for piece in path.split("/") if piece.startswith("{")]:
        path = path.replace(part.partition("}")[0] + "}", "%FF%00")
    must_be_refused(await clients[route.process].request(route.method, path), path)


@pytest.mark.parametrize(
    "route", [one for one in GUARDED if one.method not in ("GET", "DELETE")], ids=str
)
async def test_no_body_is_read_before(route: Route, clients: dict[str, httpx.AsyncClient]) -> None:
    async def body() -> AsyncIterator[bytes]:
        pytest.fail("the body is read")
        yield b""

    answer = await clients[route.process].request(
        route.method, address(route), content=body(), headers=_JSON
    )
    must_be_refused(answer, route)


@pytest.mark.parametrize("process", ["gateway", "schools", "appraisal", "accountability"])
async def test_who_has_no_token_learns_no_address(
    process: str, clients: dict[str, httpx.AsyncClient]
) -> None:
    client = clients[process]
    must_be_refused(await client.get("/v1/there-is-no-such-thing"), process)
    known = bearer("system_admin", bureau=None)
    assert (await client.get("/v1/there-is-no-such-thing", headers=known)).status_code == 404


@pytest.mark.parametrize("route", OPEN_ROUTES, ids=str)
async def test_what_takes_no_token_still_takes_none(
    route: Route, clients: dict[str, httpx.AsyncClient]
) -> None:
    answer = await clients[route.process].request(route.method, address(route))
    assert answer.headers.get("content-type") != "application/problem+json" or (
        answer.json()["code"] != "auth.invalid_token"
    )


def test_every_guarded_route_is_below_one_address() -> None:
    assert all(route.path.startswith("/v1/") for route in GUARDED)
    below = {(route.process, route.path) for route in OPEN_ROUTES if route.path.startswith("/v1/")}
    assert below == {("gateway", "/v1/login"), ("gateway", "/v1/links/{secret}")}
