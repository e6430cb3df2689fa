"""Compares what a consumer declares with what a provider's OpenAPI document says."""

from collections.abc import Iterator
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from services.chassis.peers.contract import Use

Document = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
_NAMES: dict[Any, set[str]] = {
    str: {"string"},
    int: {"integer"},
    float: {"number", "integer"},
    bool: {"boolean"},
    NoneType: {"null"},
    date: {"string"},
    datetime: {"string"},
}


def declared_uses() -> Iterator[tuple[str, Use]]:
    """Every declaration of the services, with the module that it stands in."""
    for consumer in ("schools", "appraisal", "accountability"):
        package = import_module(f"services.{consumer}")
        for found in walk_packages(package.__path__, f"services.{consumer}."):
            if ".migrations" not in found.name:
                for use in getattr(import_module(found.name), "USES", ()):
                    yield found.name, use


def misfits(use: Use, document: Document) -> list[str]:
    """Every way in which a provider no longer fits; empty when it does."""
    operation = document["paths"].get(use.path, {}).get(use.method.lower())
    if operation is None:
        return [f"{use.method} {use.path} is gone"]
    return [
        *_query(use, operation, document),
        *_body(use, operation, document),
        *_statuses(use, operation),
        *(_answer(use, operation, document) if use.reads else ()),
    ]


def _query(use: Use, operation: Document, document: Document) -> Iterator[str]:
    known = {one["name"]: one for one in operation.get("parameters", []) if one["in"] == "query"}
    for name, kind in use.query.items():
        if name not in known:
            yield f"query {name} is unknown"
        elif not _accepts(known[name]["schema"], kind, document):
            yield f"query {name} is of another type"
    for name, one in known.items():
        if one.get("required") and name not in use.query:
            yield f"query {name} is required"


def _body(use: Use, operation: Document, document: Document) -> Iterator[str]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if use.sends is None:
        if operation.get("requestBody", {}).get("required"):
            yield "a body is required"
        return
    if content is None:
        yield "no JSON body is taken"
        return
    schema = _resolved(content["schema"], document)
    sent = get_type_hints(use.sends)
    for name, kind in sent.items():
        if name not in schema.get("properties", {}):
            if schema.get("additionalProperties") is False:
                yield f"sent field {name} is unknown"
        elif not _accepts(schema["properties"][name], kind, document):
            yield f"sent field {name} is of another type"
    for name in set(schema.get("required", [])) - set(sent):
        yield f"field {name} is required and not sent"


def _statuses(use: Use, operation: Document) -> Iterator[str]:
    for status in operation["responses"]:
        if status.startswith("2") and int(status) not in use.statuses:
            yield f"answers {status}, which the consumer does not know"


def _answer(use: Use, operation: Document, document: Document) -> Iterator[str]:
    good = next(answer for code, answer in operation["responses"].items() if code[0] == "2")
    schema = _resolved(good["content"]["application/json"]["schema"], document)
    rows = schema.get("properties", {}).get("data")
    if rows is not None:
        schema = _resolved(rows["items"], document)
    assert use.reads is not None
    for name, kind in get_type_hints(use.reads).items():
        if name not in schema.get("properties", {}):
            yield f"read field {name} is missing"
        elif not _promises(schema["properties"][name], kind, document):
            yield f"read field {name} is of another type"


def _resolved(schema: Document, document: Document) -> Document:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _branches(schema: Document, document: Document) -> list[Document]:
    schema = _resolved(schema, document)
    options = schema.get("anyOf") or schema.get("oneOf")
    if not options:
        return [schema]
    return [branch for option in options for branch in _branches(option, document)]


def _kinds(annotation: Any) -> tuple[Any, ...]:
    is_union = get_origin(annotation) in (Union, UnionType)
    return get_args(annotation) if is_union else (annotation,)


def _accepts(schema: Document, annotation: Any, document: Document) -> bool:
    """Whether every value of the consumer's type may be one that the provider takes."""
    branches = _branches(schema, document)
    return all(
        any(_is_of(branch, kind, document) for branch in branches) for kind in _kinds(annotation)
    )


def _promises(schema: Document, annotation: Any, document: Document) -> bool:
    """Whether every value that the provider gives is of the consumer's type."""
    kinds = _kinds(annotation)
    return all(
        any(_is_of(branch, kind, document) for kind in kinds)
        for branch in _branches(schema, document)
    )


def _is_of(branch: Document, kind: Any, document: Document) -> bool:
    if get_origin(kind) is Literal:
        allowed = branch.get("enum") or [branch.get("const")]
        if branch.get("type") == "string" and allowed == [None]:
            return True
        return set(get_args(kind)) <= set(allowed)
    if get_origin(kind) is dict:
        return branch.get("type") == "object"
    if get_origin(kind) is list:
        (item,) = get_args(kind)
        return branch.get("type") == "array" and _accepts(branch["items"], item, document)
    return branch.get("type") in _NAMES[kind]
