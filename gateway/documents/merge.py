"""Merges the OpenAPI documents of the gateway and the services."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from services.chassis.openapi.chinese import CHINESE
from services.chassis.openapi.names import rename_schemas

Document = dict[str, Any]

# Identical in every service, so one of each is sufficient.
_SHARED = frozenset({"Problem", "ProblemFault"})
_COMMON = ("securitySchemes", "responses", "headers")
_VERSION = "3.1.0"
_METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options", "trace"})


def merge(own: Document, services: Mapping[str, Document | None]) -> Document:
    """Merge documents.

    Args:
        own: the gateway's document.
        services: each service's document by path segment; None if the service is unavailable.

    Returns:
        A document with every path as seen through the gateway, and unique names.
    """
    merged = deepcopy(own)
    merged["openapi"] = _VERSION
    schemas = merged.setdefault("components", {}).setdefault("schemas", {})
    for service, document in services.items():
        if document is None:
            continue
        renamed = _renamed(document, service)
        components = renamed.get("components", {})
        schemas.update({k: v for k, v in components.get("schemas", {}).items() if k not in schemas})
        for kind in _COMMON:
            merged["components"].setdefault(kind, {}).update(components.get(kind, {}))
        paths = _paths(renamed, service)
        merged["paths"].update(paths)
        merged["tags"] += _tags(renamed, service, paths)
    for _path, operation in _operations(merged):
        _state_scopes(operation)
    merged["servers"] = [{"url": "/"}]
    merged["x-unavailable-services"] = [name for name, found in services.items() if not found]
    return merged


def _paths(document: Document, service: str) -> Document:
    """The service's paths with their prefix, without those that the proxy does not forward."""
    paths: Document = {}
    for path, item in document["paths"].items():
        if path.startswith("/v1/") and path != "/v1/clock":
            paths[f"/{service}{path}"] = item
            for operation in _of_item(item):
                operation["operationId"] = f"{service}_{operation['operationId']}"
                operation["tags"] = [_tag(service, tag) for tag in operation["tags"]]
    return paths


def _tag(service: str, name: str) -> str:
    return f"{service} {name}"


def _tags(document: Document, service: str, paths: Document) -> list[Document]:
    """The service's tags that its forwarded paths have."""
    used = {tag for item in paths.values() for one in _of_item(item) for tag in one["tags"]}
    named = [tag | {"name": _tag(service, tag["name"])} for tag in document["tags"]]
    return [tag for tag in named if tag["name"] in used]


def _renamed(document: Document, service: str) -> Document:
    """The document with schema names prefixed by the service's name."""
    prefix = service.capitalize()
    schemas = document["components"]["schemas"]
    names = {name: name if name in _SHARED else prefix + name for name in schemas}
    return rename_schemas(document, names)


def _operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, item in document["paths"].items():
        for operation in _of_item(item):
            yield path, operation


def _of_item(item: Document) -> Iterator[Document]:
    return (operation for method, operation in item.items() if method in _METHODS)


def _state_scopes(operation: Document) -> None:
    """Add the scopes to the description, because pages do not show scopes of bearer tokens."""
    scopes = sorted(
        {
            scope
            for requirement in operation.get("security", [])
            for needed in requirement.values()
            for scope in needed
        }
    )
    if scopes and "x-scopes" not in operation:
        operation["x-scopes"] = scopes
        stated = ", ".join(f"`{scope}`" for scope in scopes)
        for language, label in (("description", "Scope: "), (CHINESE, "权限：")):
            text = operation.get(language, "")
            operation[language] = f"{text}\n\n{label}{stated}".strip()
