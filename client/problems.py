"""What can go wrong with a call: the server refuses it (`Problem`), or is not reached."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from client.patience import OUTAGES

# The row is no longer as it was when it was read: read it again, then decide.
CHANGED_MEANWHILE = 412
_ROWS, _ROW_DEPTH = "rows", 2


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: where, a stable code, and in words."""

    pointer: str
    code: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_row(cls, fault: dict[str, Any]) -> "Fault":
        """A fault as the list of an import's faults has it."""
        pointer = f"/{_ROWS}/{fault['row']}/{fault['field']}"
        return cls(pointer, fault["code"], fault["message"], fault["params"])

    @property
    def row(self) -> int | None:
        """The row of an imported file, as a spreadsheet counts it (the header is row 1)."""
        parts = self._parts
        return int(parts[1]) if parts[:1] == [_ROWS] and len(parts) > 1 else None

    @property
    def field_name(self) -> str:
        """The column or field, without the row it stands in."""
        parts = self._parts
        return ".".join(parts[_ROW_DEPTH:] if parts[:1] == [_ROWS] else parts)

    @property
    def _parts(self) -> list[str]:
        return [part for part in self.pointer.split("/") if part]


class JunhengError(Exception):
    """Everything this client raises."""


class Unreachable(JunhengError):
    """No answer came from the address."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url, self.reason = url, reason


class Problem(JunhengError):
    """The server refused the request (RFC 9457 problem details).

    Attributes:
        status: HTTP status.
        code: stable code, for programs.
        title: what kind of problem, for people.
        detail: what to do about it, for people.
        request_id: finds the request in the server's logs.
        faults: everything wrong with the input, all at once.
        retry_after: the seconds that the server asks to wait, if it does.
        body: the whole answer.
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
        """Whether the platform, or a service of it, is away: what was asked may be asked again."""
        return self.status in OUTAGES

    @classmethod
    def of(cls, response: httpx.Response) -> "Problem":
        """The problem an answer states; one that states none keeps its status."""
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
