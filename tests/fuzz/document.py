"""The part of the merged OpenAPI document that a run works through."""

import random
import re
from typing import Any

from gateway.roles import ROLES, Role

# Ends every session of the role, its own too.
_NOT_CALLED = frozenset({("post", "/v1/me/password")})


def part_of(
    document: dict[str, Any], role: str, *, paths: str, is_own: bool, is_repeatable: bool
) -> dict[str, Any]:
    """The document with some of its operations.

    Args:
        document: of the gateway.
        role: who calls.
        paths: a pattern of the addresses; empty for all.
        is_own: whether only those that the role has the scope for.
        is_repeatable: whether their order is always the same; otherwise a run that ends early
            leaves out others each time.
    """
    scopes = ROLES[Role(role)].scopes
    items = [
        (path, item)
        for path, whole in document["paths"].items()
        if re.search(paths, path) and (item := _called(path, whole, scopes if is_own else None))
    ]
    if not is_repeatable:
        random.shuffle(items)
    return document | {"paths": dict(items)}


def _called(path: str, item: dict[str, Any], scopes: frozenset[str] | None) -> dict[str, Any]:
    return {
        method: _without_sparse_rows(operation)
        for method, operation in item.items()
        if (method, path) not in _NOT_CALLED
        and (scopes is None or scopes.issuperset(operation.get("x-scopes", [])))
    }


def _without_sparse_rows(operation: dict[str, Any]) -> dict[str, Any]:
    """The operation without the example of `fields`.

    Rows with some of their fields lack others that the schema requires, which OpenAPI cannot say.
    """
    parameters = [
        _without_example(one) if one.get("name") == "fields" else one
        for one in operation.get("parameters", [])
    ]
    return operation | {"parameters": parameters}


def _without_example(parameter: dict[str, Any]) -> dict[str, Any]:
    schema = {name: value for name, value in parameter["schema"].items() if name != "examples"}
    kept = {name: value for name, value in parameter.items() if not name.startswith("example")}
    return kept | {"schema": schema}
