"""Descriptions and examples that follow from what a field or parameter is.

A model describes what is its own. What has the same meaning everywhere (an opaque id in an
address, the time of a change) or needs no explanation (an example of a day) is added here.
"""

from collections.abc import Iterator
from typing import Any

from services.chassis.schemas.examples import example_of

_SHARED = {
    "created_at": "When it was created (创建时间)",
    "updated_at": "When it was last changed (更新时间)",
}
_OPAQUE_ID = "Opaque id from the list, the `id` of its rows (标识)"


def complete_fields(document: dict[str, Any]) -> None:
    """Add what is missing to the properties of all schemas."""
    for name, field in _properties(document["components"]["schemas"]):
        if name in _SHARED:
            field.setdefault("description", _SHARED[name])
        _add_example(field)


def complete_parameters(document: dict[str, Any]) -> None:
    """Add what is missing to the parameters of all operations.

    A part of an address that is a field of what the address leads to is described like it.
    """
    known: dict[str, dict[str, Any]] = {}
    for parameter, fields in _parameters_and_fields(document):
        if parameter["in"] == "path" and (same := fields.get(parameter["name"])):
            known.setdefault(parameter["name"], same)
    for parameter, _ in _parameters_and_fields(document):
        _complete_parameter(parameter, known)


def _parameters_and_fields(
    document: dict[str, Any],
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every parameter, with the fields of the object that its operation answers with."""
    schemas = document["components"]["schemas"]
    for item in document["paths"].values():
        for operation in item.values():
            content = operation["responses"].get("200", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            name = schema.get("$ref", "").rpartition("/")[2]
            fields = schemas.get(name, {}).get("properties", {})
            for parameter in operation.get("parameters", ()):
                yield parameter, fields


def _complete_parameter(parameter: dict[str, Any], known: dict[str, dict[str, Any]]) -> None:
    schema = parameter["schema"]
    if parameter["in"] == "path":
        same = known.get(parameter["name"], {})
        opaque = schema.get("format") == "uuid"
        described = _OPAQUE_ID if opaque else same.get("description")
        if described:
            parameter.setdefault("description", described)
        if examples := same.get("examples"):
            schema.setdefault("examples", examples)
    _add_example(schema)


def _add_example(schema: dict[str, Any]) -> None:
    if "examples" not in schema and (example := example_of(schema)) is not None:
        schema["examples"] = [example]


def _properties(schemas: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for schema in schemas.values():
        yield from schema.get("properties", {}).items()
