"""The four applications and their routes, as the tests of the architecture look at them."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from fastapi import FastAPI

from services.chassis.audit.tracked_resources import Recorded
from services.chassis.runtime.feature import Service
from tests.architecture.snapshots import agreed

SERVICES = ("schools", "appraisal", "accountability")
PROCESSES = ("gateway", *SERVICES)

# Whoever has no token may call these; everything else names exactly one scope.
PUBLIC = {
    ("GET", "/"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/docs/assets/{name}"),
    ("GET", "/docs/assets/{name}"),
    ("POST", "/oauth/token"),
    ("POST", "/oauth/revoke"),
    ("POST", "/v1/login"),
    ("GET", "/v1/links/{secret}"),
}


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    process: str
    method: str
    path: str
    original: Any

    @property
    def is_public(self) -> bool:
        """Whether it takes no token."""
        return (self.method, self.path) in PUBLIC

    @property
    def scopes(self) -> list[str]:
        """The scopes that its dependencies demand."""
        return _scopes(self.original.dependant)

    @property
    def is_page(self) -> bool:
        """Whether it belongs to the documentation page, which its document leaves out."""
        return self.path == "/" or self.path.startswith("/docs")

    def __str__(self) -> str:
        return f"{self.process} {self.method} {self.path}"


def application(process: str) -> FastAPI:
    """The application of a process."""
    package = "gateway" if process == "gateway" else f"services.{process}"
    app: FastAPI = import_module(f"{package}.main").app
    return app


def declaration_of(process: str) -> Service:
    """The declaration of a process, with its features."""
    package = "gateway" if process == "gateway" else f"services.{process}"
    service: Service = import_module(f"{package}.features").SERVICE
    return service


def recorded_of(process: str) -> tuple[Recorded, ...]:
    """What the change log of a process follows, as it declares it."""
    return declaration_of(process).tracked


def routes_of(process: str) -> list[Route]:
    """Every route of a process, also those that its document leaves out."""
    return [
        Route(process, method, route.path, route)
        for route in _flat(application(process).routes)
        if getattr(route, "dependant", None)
        for method in sorted(route.methods - {"HEAD", "OPTIONS"})
    ]


def all_routes() -> list[Route]:
    """Every route of every process."""
    return [route for process in PROCESSES for route in routes_of(process)]


def operation_of(route: Route) -> dict[str, Any]:
    """What the OpenAPI document says of a route, its shared responses put in their places."""
    document = agreed(route.process)
    operation: dict[str, Any] | None = (
        document["paths"].get(route.path, {}).get(route.method.lower())
    )
    if operation is None:
        raise LookupError(f"{route}: not agreed; run python -m tests.architecture.snapshots")
    shared = document["components"]["responses"]
    responses = {
        status: shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
        for status, answer in operation["responses"].items()
    }
    return operation | {"responses": responses}


def _flat(routes: Any) -> Iterator[Any]:
    for route in routes:
        if included := getattr(route, "effective_route_contexts", None):
            yield from included()
        else:
            yield route


def _scopes(dependant: Any) -> list[str]:
    found = list(dependant.own_oauth_scopes or [])
    for dependency in dependant.dependencies:
        found += _scopes(dependency)
    return found
