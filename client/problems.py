"""Errors of a call: refused by the server (`Problem`) or not answered (`Unreachable`)."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from client.retry import OUTAGES

# Status if the row has changed since it was read: read it again, then decide.
CHANGED_MEANWHILE = 412
_ROWS, _ROW_DEPTH = "rows", 2


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the input: place, stable code and message."""

    pointer: str
    code: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_row(cls, fault: dict[str, Any]) -> "Fault":
        """The fault from an entry in the list of an import's faults."""
        pointer = f"/{_ROWS}/{fault['row']}/{fault['field']}"
        return cls(pointer, fault["code"], fault["message"], fault["params"])

    @property
    def row(self) -> int | None:
        """The row number in an imported file as in a spreadsheet (a header is row 1)."""
        parts = self._parts
        return int(parts[1]) if parts[:1] == [_ROWS] and len(parts) > 1 else None

    @property
    def field_name(self) -> str:
        """The column or field, without the row."""
        parts = self._parts
        return ".".join(parts[_ROW_DEPTH:] if parts[:1] == [_ROWS] else parts)

    @property
    def _parts(self) -> list[str]:
        return [part for part in self.pointer.split("/") if part]


class JunhengError(Exception):
    """Base class of the errors of this client."""


class Unreachable(JunhengError):
    """The address does not answer."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url, self.reason = url, reason


class Problem(JunhengError):
    """The server refused the request (RFC 9457 problem details).

    Attributes:
        status: HTTP status.
        code: stable code for programs.
        title: kind of problem, for people.
        detail: explanation and remedy, for people.
        request_id: id of the request in the server's logs.
        faults: all faults of the input.
        retry_after: seconds the server asks to wait, None if it does not.
        body: complete answer.
    """

    def __init__(
        self, status: int, body: dict[str, Any], *, retry_after: float | None = None
    ) -> None:
        self.status, self.retry_after = status, retry_after
        self.code = str(body.get("code") or f"http.{status}")
        self.title = str(body.get("title") or "")
        self.detail = str(body.get("detail") or "")
        self.request_id = str(body.get("request_id") or "")
        self.faults = [_fault(error) for error in body.get("errors") or []]
        self.body = body
        super().__init__(f"{self.title} ({self.code}): {self.detail}")

    @property
    def is_outage(self) -> bool:
        """Whether the platform or one of its services is unavailable, so a retry may succeed."""
        return self.status in OUTAGES

    @classmethod
    def of(cls, response: httpx.Response) -> "Problem":
        """The problem in an answer; an answer without one becomes a problem with its status."""
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            body = {"title": response.reason_phrase or f"HTTP {response.status_code}"}
        seconds = response.headers.get("Retry-After", "")
        retry_after = float(seconds) if seconds.isdecimal() else None
        return cls(response.status_code, body, retry_after=retry_after)


def _fault(error: dict[str, Any]) -> Fault:
    return Fault(
        str(error.get("pointer", "")),
        str(error.get("code", "")),
        str(error.get("message", "")),
        dict(error.get("params") or {}),
    )
