"""The request id: given by the gateway, carried through services, jobs, logs and problems."""

import re
from contextvars import ContextVar
from uuid import uuid4

HEADER = "X-Request-Id"
_ACCEPTED = re.compile(r"^[A-Za-z0-9._-]{8,64}$")

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")


def accept_request_id(candidate: str | None) -> str:
    """The caller's id when it is harmless, otherwise a new one."""
    return candidate if candidate and _ACCEPTED.match(candidate) else uuid4().hex
