"""Consumers and providers fit together, by what the first declare and the second document."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Literal, TypedDict

import pytest

from services.chassis.peers.contract import Use
from tests.architecture.contracts import ROOT, declared_uses, misfits
from tests.architecture.snapshots import path_of

pytestmark = pytest.mark.quick

USES = list(declared_uses())
_CALLED = re.compile(r"[\"'](/(?:schools|appraisal|accountability)/v1/[\w{}/-]*)")
APPRAISAL = json.loads(path_of("appraisal").read_text("utf-8"))
SCHOOLS = json.loads(path_of("schools").read_text("utf-8"))
Change = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("module", "use"), USES, ids=[f"{module} {use.method} {use.path}" for module, use in USES]
)
def test_the_provider_fits_its_consumer(module: str, use: Use) -> None:
    document = json.loads(path_of(use.provider).read_text("utf-8"))
    assert misfits(use, document) == [], f"{module} would break"


def test_whoever_calls_another_service_declares_it() -> None:
    declared = {(module, f"/{use.provider}{use.path}") for module, use in USES}
    for consumer in ("schools", "appraisal", "accountability"):
        for file in sorted((ROOT / "services" / consumer).rglob("*.py")):
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            for called in _CALLED.findall(file.read_text("utf-8")):
                named = re.compile(re.sub(r"\{\w+\}", r"\\w+", called) + "$")
                assert any(place == module and named.match(path) for place, path in declared), (
                    f"{module} calls {called} without a `Use`"
                )


class Posted(TypedDict):
    directive_no: str
    year: int
    staff_no: str
    effect: Literal["fix"]
    result: Literal["unqualified"]
    case_no: str
    measure: str
    basis: str
    decided_on: str


class Read(TypedDict):
    staff_no: str
    title: str | None


POST = Use("appraisal", "POST", "/v1/directives", sends=Posted, statuses=frozenset({200, 201}))
STAFF = Use("schools", "GET", "/v1/staff", query={"format": Literal["ndjson"]}, reads=Read)


def operation(document: dict[str, Any], use: Use) -> Any:
    return document["paths"][use.path][use.method.lower()]


def body(document: dict[str, Any]) -> Any:
    schema = operation(document, POST)["requestBody"]["content"]["application/json"]["schema"]
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]


def row(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]["StaffReadItem"]["properties"]


@pytest.mark.parametrize(
    ("use", "change", "found"),
    [
        (POST, lambda d: d["paths"].pop(POST.path), "POST /v1/directives is gone"),
        (POST, lambda d: d["paths"][POST.path].pop("post"), "POST /v1/directives is gone"),
        (POST, lambda d: body(d)["properties"].pop("basis"), "sent field basis is unknown"),
        (
            POST,
            lambda d: body(d)["properties"].update(year={"type": "string"}),
            "sent field year is of another type",
        ),
        (
            POST,
            lambda d: body(d)["properties"].update(effect={"type": "string", "enum": ["cap"]}),
            "sent field effect is of another type",
        ),
        (
            POST,
            lambda d: body(d)["required"].append("signed_by"),
            "field signed_by is required and not sent",
        ),
        (
            POST,
            lambda d: operation(d, POST)["responses"].update({"202": {}}),
            "answers 202, which the consumer does not know",
        ),
        (STAFF, lambda d: row(d).pop("staff_no"), "read field staff_no is missing"),
        (
            STAFF,
            lambda d: row(d).update(staff_no={"anyOf": [{"type": "string"}, {"type": "null"}]}),
            "read field staff_no is of another type",
        ),
        (
            STAFF,
            lambda d: operation(d, STAFF).update(parameters=[]),
            "query format is unknown",
        ),
        (
            STAFF,
            lambda d: operation(d, STAFF)["parameters"].append(
                {"name": "bureau", "in": "query", "required": True, "schema": {"type": "string"}}
            ),
            "query bureau is required",
        ),
    ],
)
def test_a_change_that_breaks_a_consumer_is_found(use: Use, change: Change, found: str) -> None:
    document = deepcopy(APPRAISAL if use is POST else SCHOOLS)
    assert misfits(use, document) == []
    change(document)
    assert misfits(use, document) == [found]


def test_a_field_more_breaks_nobody() -> None:
    document = deepcopy(APPRAISAL)
    body(document)["properties"]["remark"] = {"type": "string"}
    assert misfits(POST, document) == []
