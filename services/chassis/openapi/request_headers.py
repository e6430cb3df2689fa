"""The headers that operations read."""

from typing import Any

from services.chassis.http.header_lengths import LONGEST
from services.chassis.http.idempotency import HEADER
from services.chassis.http.preconditions import MatchRequired, RowChanged
from services.chassis.openapi.operation import Operation


def add_request_headers(operation: Operation) -> None:
    """Add the conditional headers and the `Idempotency-Key` to the parameters.

    A header is required where its absence is a problem.
    """
    parameters = operation.described.setdefault("parameters", [])
    needs_match = str(MatchRequired.status) in operation.responses
    if needs_match or is_conditional(operation):
        parameters.append(_IF_MATCH | ({"required": True} if needs_match else {}))
    if operation.takes_key:
        parameters.append(_KEY | ({"required": True} if operation.needs_key else {}))
    if operation.method == "put" and operation.is_versioned:
        parameters.append(_ONLY_CREATE)
    if "304" in operation.responses:
        parameters.append(_KNOWN)


def is_conditional(operation: Operation) -> bool:
    """Whether `If-Match` holds for it: changes of rows with versions, and verbs that say so."""
    if operation.method in ("put", "patch", "delete"):
        return operation.is_versioned
    return str(RowChanged.status) in operation.responses


def _header(name: str, description: str, example: str, least: int = 0) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": LONGEST[name], "examples": [example]} | (
        {"minLength": least} if least else {}
    )
    return {"name": name, "in": "header", "description": description, "schema": schema}


_ETAG, _A_KEY = '"1f0a3c5e7b9d2468"', "0198d3a4-7c1e-7b52-9f0e-6a1d2c3b4e5f"
_IF_MATCH = _header("If-Match", "ETag the change is based on (所依据的版本)", _ETAG)
_KEY = _header(HEADER, "Sent again, answered again, done once (幂等键)", _A_KEY, least=1)
_ONLY_CREATE = _header("If-None-Match", "`*` only creates (仅新建)", "*")
_KNOWN = _header("If-None-Match", "ETag one has: 304 if it is still so (已有的版本)", _ETAG)
