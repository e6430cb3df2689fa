import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI
from jsonschema import Draft202012Validator

from services.chassis.schemas.validation import FORMS
from tests.architecture.processes import PROCESSES, application
from tests.architecture.snapshots import difference

pytestmark = pytest.mark.quick

_PARAMETER = re.compile(r"\{(\w+)\}")


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from nodes(item)


@pytest.mark.parametrize("process", PROCESSES)
def test_the_document_is_openapi_3_1(process: str) -> None:
    document = application(process).openapi()
    assert document["openapi"].startswith("3.1")
    OpenAPI.model_validate(document)
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for parameter in (node for node in nodes(document["paths"]) if "schema" in node):
        Draft202012Validator.check_schema(parameter["schema"])


@pytest.mark.parametrize("process", PROCESSES)
def test_every_reference_leads_somewhere(process: str) -> None:
    document = application(process).openapi()
    for node in nodes(document):
        if not isinstance(reference := node.get("$ref", "#"), str):
            continue  # a property that is called so
        found: Any = document
        for part in reference.removeprefix("#").split("/")[1:]:
            assert part in found, reference
            found = found[part]


@pytest.mark.parametrize("process", PROCESSES)
def test_every_part_of_an_address_is_declared(process: str) -> None:
    for path, item in application(process).openapi()["paths"].items():
        for method, operation in item.items():
            parameters = operation.get("parameters", [])
            declared = [one["name"] for one in parameters if one["in"] == "path"]
            assert sorted(declared) == sorted(_PARAMETER.findall(path)), f"{method} {path}"
            names = [(one["in"], one["name"]) for one in parameters]
            assert len(set(names)) == len(names), f"{method} {path}"


@pytest.mark.parametrize("process", PROCESSES)
def test_examples_are_of_the_type_that_they_illustrate(process: str) -> None:
    document = application(process).openapi()
    wrong = []
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            checker = Draft202012Validator({**described, "components": document["components"]})
            wrong += [
                f"{name}.{field}: {example!r}"
                for example in described.get("examples", [])
                if not checker.is_valid(example)
            ]
    assert wrong == []


@pytest.mark.parametrize("process", PROCESSES)
def test_unknown_properties_are_refused_everywhere(process: str) -> None:
    document = application(process).openapi()
    schemas = document["components"]["schemas"]
    waiting = [
        node["requestBody"]["content"].get("application/json", {})
        for item in document["paths"].values()
        for node in item.values()
        if "requestBody" in node
    ]
    seen: set[str] = set()
    while waiting:
        for node in nodes(waiting.pop()):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name and name not in seen:
                seen.add(name)
                waiting.append(schemas[name])
    objects = [name for name in seen if schemas[name].get("type") == "object"]
    assert [name for name in objects if schemas[name].get("additionalProperties", True)] == []


@pytest.mark.parametrize("process", PROCESSES)
def test_the_document_is_the_agreed_one(process: str) -> None:
    changes = difference(process, application(process).openapi())
    if changes:
        pytest.fail(
            f"The interface of {process} has changed. If clients can live with that, renew the "
            "agreed documents with `python -m tests.architecture.snapshots` and commit them.\n"
            + changes,
            pytrace=False,
        )


@pytest.mark.parametrize("process", PROCESSES)
def test_every_pattern_is_put_in_words(process: str) -> None:
    """Somebody whose text does not fit is told what it should look like."""
    patterns = {
        node["pattern"]
        for node in nodes(application(process).openapi())
        if isinstance(node.get("pattern"), str)
    }
    assert patterns <= FORMS.keys()
