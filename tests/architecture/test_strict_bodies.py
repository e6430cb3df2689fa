"""JSON of another type than the documented one is refused, however much alike it looks."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from tests.architecture.conforming import must_be_documented
from tests.architecture.processes import Route, all_routes, operation_of
from tests.architecture.snapshots import agreed
from tests.architecture.test_lists import resolved
from tests.architecture.test_nasty_values import EVERY_SCOPE, bodies, example
from tests.architecture.test_roles import address
from tests.support.tokens import bearer

ROUTES = [route for route in all_routes() if not route.is_page and bodies(route)]
_ALIKE: dict[str, list[Any]] = {
    "integer": ["5", 5.0, True, "true"],
    "boolean": [0, 1, "true", "false", 1.0],
    "string": [5, True, 5.5],
    "array": [{}, "x", 5],
    "object": [[], "x", 5],
}
_DATE = ["2025-01-01T00:00:00", 20250101, "20250101"]


def alike(schema: dict[str, Any], whole: dict[str, Any]) -> list[Any]:
    """What looks like a value of a schema, and is of another type."""
    if schema.get("format") == "date":
        return _DATE
    if schema.get("type") == "number":  # money and points: also as text, as documented
        return [True]
    if isinstance(schema.get("const"), str) or schema.get("enum"):
        return [5, True]
    kinds = {one.get("type") for one in whole.get("anyOf", [])}
    return [] if kinds >= {"number", "string"} else _ALIKE.get(schema.get("type", ""), [])


def places(schema: dict[str, Any], document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each field of a body by its pointer, with what looks like its value."""
    for name, described in resolved(schema, document).get("properties", {}).items():
        plain = resolved(described, document)
        for value in alike(plain, described):
            yield f"/{name}", value
        items = resolved(plain.get("items", {}), document)
        if plain.get("type") == "array":
            for value in alike(items, plain.get("items", {})):
                yield f"/{name}/0", value
        for place, value in places(items if "properties" in items else plain, document):
            yield f"/{name}{'/0' if 'properties' in items else ''}{place}", value


def replaced(body: Any, place: str, value: Any) -> Any:
    """A body with one value replaced, and what leads to it made."""
    first, _, rest = place.removeprefix("/").partition("/")
    if not rest:
        return [value] if first == "0" else {**(body or {}), first: value}
    if first == "0":
        return [replaced(body[0] if body else {}, rest, value)]
    inside = body.get(first) if isinstance(body, dict) else None
    return {**(body or {}), first: replaced(inside, rest, value)}


@pytest.fixture
def headers(bureau: str) -> dict[str, str]:
    """Somebody who may do everything, in a bureau where there is nothing."""
    return bearer("bureau_admin", bureau=bureau, scopes=EVERY_SCOPE, name="writer")


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_another_type_is_refused(
    route: Route, clients: dict[str, httpx.AsyncClient], headers: dict[str, str]
) -> None:
    document = agreed(route.process)
    schemas = document["components"]["schemas"]
    schema = operation_of(route)["requestBody"]["content"]["application/json"]["schema"]
    for place, value in places(schema, document):
        body = replaced(example(resolved(schema, document), schemas), place, value)
        answer = await clients[route.process].request(
            route.method, address(route), json=body, headers=headers
        )
        must_be_documented(route, answer, body)
        if answer.status_code == 404 and "{" in route.path:  # looked for before the body is
            continue
        assert answer.status_code == 422, (place, value, answer.text)
        found = {one["pointer"] for one in answer.json()["errors"]}
        assert place in found, (place, value, answer.text)


def test_every_body_is_strict() -> None:
    """Also those whose routes look for something first."""
    waiting = [
        route.original.body_field.field_info.annotation
        for route in all_routes()
        if route.original.body_field is not None and not route.path.startswith("/oauth/")
    ]
    seen: set[type[BaseModel]] = set()
    while waiting:
        annotation = waiting.pop()
        waiting += getattr(annotation, "__args__", ())
        is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
        if is_model and annotation not in seen:
            seen.add(annotation)
            waiting += [info.annotation for info in annotation.model_fields.values()]
    assert len(seen) > 30
    lax = {one.__name__ for one in seen if not one.model_config.get("strict")}
    assert lax == set()
