"""Every field and every parameter has a description and an example."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.architecture.processes import PROCESSES
from tests.architecture.snapshots import agreed

pytestmark = pytest.mark.quick


def missing(described: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    """What a field or parameter lacks; of a referenced schema the description counts."""
    if not (described.get("description") or schema.get("description")):
        yield "description"
    if "example" not in described and not explains_itself(schema):
        yield "example"


def explains_itself(schema: dict[str, Any]) -> bool:
    """Whether a schema has an example, lists its values, or consists of described fields."""
    if any(example is not None for example in schema.get("examples", [])):
        return True
    if {"enum", "const", "$ref"} & schema.keys():
        return True
    parts = [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    return any(explains_itself(part) for part in parts)


@pytest.mark.parametrize("process", PROCESSES)
def test_every_field_has_a_description_and_an_example(process: str) -> None:
    document = agreed(process)
    found = [
        f"{name}.{field}: {fault}"
        for name, schema in document["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
        for fault in missing(described, described)
    ]
    assert found == []


@pytest.mark.parametrize("process", PROCESSES)
def test_every_parameter_has_a_description_and_an_example(process: str) -> None:
    document = agreed(process)
    found = [
        f"{method} {path} {parameter['name']}: {fault}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for parameter in operation.get("parameters", [])
        for fault in missing(parameter, parameter["schema"])
    ]
    assert found == []


@pytest.mark.parametrize(
    ("described", "faults"),
    [
        ({"type": "string"}, ["description", "example"]),
        ({"description": "Why", "type": "string"}, ["example"]),
        ({"description": "Why", "type": "string", "examples": [None]}, ["example"]),
        ({"description": "Why", "type": "string", "examples": ["so"]}, []),
        ({"description": "Why", "anyOf": [{"enum": ["a"]}, {"type": "null"}]}, []),
        ({"description": "Why", "type": "array", "items": {"type": "string"}}, ["example"]),
        ({"description": "Rows", "type": "array", "items": {"$ref": "#/x"}}, []),
    ],
)
def test_what_is_missing_is_found(described: dict[str, Any], faults: list[str]) -> None:
    assert list(missing(described, described)) == faults
