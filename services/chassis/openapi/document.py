"""The OpenAPI document of a process: the framework's own, completed by what all routes share.

A route declares its problems; the rest follows from what it is (guarded, writing, a list), so
that no route can forget it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from services.chassis.core.errors import Problem
from services.chassis.core.tags import in_order
from services.chassis.lists.query import document_lists, routes_of
from services.chassis.openapi.chinese import SHARED, add_chinese
from services.chassis.openapi.fields import complete_fields, complete_parameters
from services.chassis.openapi.names import name_schemas
from services.chassis.openapi.operation import Operation, operations_of
from services.chassis.openapi.problems import PROBLEM_RESPONSES, add_problems
from services.chassis.openapi.request_headers import add_request_headers
from services.chassis.openapi.response_headers import RESPONSE_HEADERS, add_response_headers
from services.chassis.openapi.successes import add_successes


def complete_document(app: FastAPI, chinese: Sequence[Path] = ()) -> None:
    """Let `app.openapi()` describe all requests and responses of its routes.

    Args:
        app: whose document it is.
        chinese: catalogues of its own descriptions.
    """
    build = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        document = build()
        _add_components(document)
        document["tags"] = in_order(tag for route in routes_of(app.routes) for tag in route.tags)
        document_lists(app, document)
        for operation in operations_of(app, document):
            _complete(operation)
        complete_fields(document)
        complete_parameters(document)
        add_chinese(document, [*chinese, SHARED])
        app.openapi_schema = name_schemas(document)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(operation: Operation) -> None:
    add_successes(operation)
    add_request_headers(operation)
    add_problems(operation)
    add_response_headers(operation)
    operation.described.pop("x-unversioned", None)


def _add_components(document: dict[str, Any]) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}) | {"Problem": problem})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["responses"] = PROBLEM_RESPONSES
    components["headers"] = RESPONSE_HEADERS
