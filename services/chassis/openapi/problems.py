"""The problems that operations of a kind share."""

from collections.abc import Callable
from typing import Any, NamedTuple

from services.chassis.core.errors import (
    AppError,
    BadRequest,
    BodyTooLarge,
    BodyTooSlow,
    Conflict,
    Invalid,
    MissingScope,
    NotAuthenticated,
    NotFound,
    Overloaded,
    SeesNoRows,
    StatementTimeout,
    StorageFull,
    Unavailable,
    UnsupportedMediaType,
    documents,
)
from services.chassis.http.bodies import CharsetUnsupported
from services.chassis.http.header_lengths import HeaderTooLong
from services.chassis.http.idempotency import IdempotencyKeyRequired
from services.chassis.http.idempotency_claims import KeyReused, StillRunning
from services.chassis.http.json_structure import (
    JsonNameRepeated,
    JsonTooDeep,
    JsonTooLong,
    JsonTooManyNames,
    NotUtf8,
)
from services.chassis.http.places import TooManyRequestsAtOnce
from services.chassis.http.preconditions import RowChanged
from services.chassis.http.problems import Unexpected
from services.chassis.http.protocol import HeadTooLarge
from services.chassis.http.route_rules import OAUTH_ERRORS
from services.chassis.openapi.operation import Operation
from services.chassis.openapi.request_headers import is_conditional
from services.chassis.openapi.response_headers import ALWAYS, references


class Shared(NamedTuple):
    """A response of many operations.

    Attributes:
        name: in the document's components.
        errors: what it may be; all of one status.
        applies: to which operations.
    """

    name: str
    errors: tuple[type[AppError], ...]
    applies: Callable[[Operation], bool]

    @property
    def status(self) -> str:
        """Of the response."""
        return str(self.errors[0].status)


def _always(_operation: Operation) -> bool:
    return True


def _changes_version(operation: Operation) -> bool:
    return operation.is_write and is_conditional(operation)


def _may_be_invalid(operation: Operation) -> bool:
    """Without parameters, too: an unknown one is a fault."""
    if OAUTH_ERRORS.items() <= operation.described.items():
        return False  # these say 400, as their clients expect
    return operation.is_guarded or operation.takes_body


_MEDIA_TYPES = (UnsupportedMediaType, CharsetUnsupported)
_BAD_JSON = (NotUtf8, JsonTooDeep, JsonTooLong, JsonTooManyNames, JsonNameRepeated)

SHARED = (
    Shared("BadRequest", (BadRequest,), _always),
    Shared("BadJson", _BAD_JSON, lambda one: one.takes_json),
    Shared("KeyRequired", (IdempotencyKeyRequired,), lambda one: one.needs_key),
    Shared("NotAuthenticated", (NotAuthenticated,), lambda one: one.is_guarded),
    Shared("MissingScope", (MissingScope, SeesNoRows), lambda one: one.is_guarded),
    Shared("NotFound", (NotFound,), lambda one: one.is_guarded or "{" in one.path),
    Shared("BodyTooSlow", (BodyTooSlow,), lambda one: one.takes_body),
    Shared("Conflict", (Conflict,), lambda one: one.is_guarded and one.is_write),
    Shared("StillRunning", (StillRunning,), lambda one: one.takes_key),
    Shared("RowChanged", (RowChanged,), _changes_version),
    Shared("BodyTooLarge", (BodyTooLarge,), lambda one: one.takes_body),
    Shared("UnsupportedMediaType", _MEDIA_TYPES, lambda one: one.takes_body),
    Shared("Invalid", (Invalid,), _may_be_invalid),
    Shared("KeyReused", (KeyReused,), lambda one: one.takes_key),
    Shared("TooManyAtOnce", (TooManyRequestsAtOnce,), lambda one: one.is_guarded),
    Shared("HeadersTooLong", (HeaderTooLong, HeadTooLarge), _always),
    Shared("Unexpected", (Unexpected,), _always),
    Shared("Unavailable", (Unavailable, Overloaded, StatementTimeout), _always),
    Shared("StorageFull", (StorageFull,), lambda one: one.is_guarded or one.is_write),
)
_HEADERS = {"401": ("WWW-Authenticate",), "429": ("Retry-After",), "503": ("Retry-After",)}


def _described(one: Shared) -> dict[str, Any]:
    response: dict[str, Any] = documents(*one.errors)[one.errors[0].status]
    return response | {"headers": _headers_of(one.status)}


def _headers_of(status: str) -> dict[str, Any]:
    return references(*ALWAYS, "Content-Language", *_HEADERS.get(status, ()))


PROBLEM_RESPONSES = {one.name: _described(one) for one in SHARED}


def add_problems(operation: Operation) -> None:
    """Add every shared problem that the operation can answer with to those that it declares."""
    responses = operation.responses
    if "application/json" in responses.get("422", {}).get("content", {}):
        del responses["422"]  # the framework's own form of it, which is never answered
    for status in [status for status in responses if status >= "4"]:
        responses[status]["headers"] = _headers_of(status)
    for one in SHARED:
        if one.applies(operation):
            responses[one.status] = _joined(responses.get(one.status), one)


def _joined(response: dict[str, Any] | None, one: Shared) -> dict[str, Any]:
    if response is None:
        return {"$ref": f"#/components/responses/{one.name}"}
    if "$ref" in response:
        response = PROBLEM_RESPONSES[response["$ref"].rpartition("/")[2]]
    descriptions = [response["description"], PROBLEM_RESPONSES[one.name]["description"]]
    codes = dict.fromkeys(" · ".join(descriptions).split(" · "))
    return response | {"description": " · ".join(codes)}
