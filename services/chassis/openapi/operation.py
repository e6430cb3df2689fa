"""One operation of an OpenAPI document with the declarations of its route."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from services.chassis.http.idempotency import require_key
from services.chassis.http.route_rules import DONE_AGAIN
from services.chassis.lists.query import ListQuery, routes_of

_METHODS = frozenset({"get", "put", "post", "delete", "patch"})


@dataclass(frozen=True)
class Operation:
    """An operation to be completed.

    Attributes:
        method: in small letters.
        path: its template.
        described: its part of the document.
        schemas: the document's schemas.
        dependant: what the framework knows of its parameters.
    """

    method: str
    path: str
    described: dict[str, Any]
    schemas: dict[str, Any]
    dependant: Any

    @property
    def responses(self) -> dict[str, Any]:
        """Its responses by status."""
        responses: dict[str, Any] = self.described["responses"]
        return responses

    @property
    def is_guarded(self) -> bool:
        """Whether it requires a token."""
        return bool(self.described.get("security"))

    @property
    def is_write(self) -> bool:
        """Whether it may change data."""
        return self.method != "get"

    @property
    def is_list(self) -> bool:
        """Whether it returns pages, or a file of all rows."""
        return any(isinstance(call, ListQuery) for call in _calls(self.dependant))

    @property
    def takes_body(self) -> bool:
        """Whether a body is read: also of a POST without one, whose key covers it."""
        return "requestBody" in self.described or self.takes_key

    @property
    def takes_json(self) -> bool:
        """Whether the body may be JSON."""
        content = self.described.get("requestBody", {}).get("content", {})
        return "application/json" in content

    @property
    def takes_key(self) -> bool:
        """Whether an `Idempotency-Key` holds for it."""
        return self.method == "post" and not DONE_AGAIN.items() <= self.described.items()

    @property
    def needs_key(self) -> bool:
        """Whether it is refused without an `Idempotency-Key`."""
        return require_key in _calls(self.dependant)

    @property
    def is_versioned(self) -> bool:
        """Whether it is about a row with versions."""
        return not self.described.get("x-unversioned", False)

    def successes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Its answers that are no problems, by status."""
        return ((status, one) for status, one in self.responses.items() if status < "4")

    def answers_with(self, response: dict[str, Any], field: str) -> bool:
        """Whether a JSON answer is an object with this field."""
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        name = schema.get("$ref", "").rpartition("/")[2]
        return field in self.schemas.get(name, {}).get("properties", {})


def operations_of(app: FastAPI, document: dict[str, Any]) -> Iterator[Operation]:
    """Every operation of the document of `app`."""
    schemas = document["components"]["schemas"]
    routes = {
        (method.lower(), route.path): route.dependant
        for route in routes_of(app.routes)
        for method in route.methods
    }
    for path, item in document["paths"].items():
        for method in _METHODS & item.keys():
            yield Operation(method, path, item[method], schemas, routes[method, path])


def _calls(dependant: Any) -> list[Any]:
    """All dependencies of a route, at any depth."""
    found = [one.call for one in dependant.dependencies]
    for dependency in dependant.dependencies:
        found += _calls(dependency)
    return found
