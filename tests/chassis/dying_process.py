"""`python -m tests.chassis.dying_process schools`: the registry, which dies when a request asks.

`X-Dies: uncommitted` kills the process when all is written and nothing committed, `unanswered`
when all is committed and nothing answered. It trusts the key in `JUNHENG_TEST_KEY`.
"""

import json
import os
import signal
from contextvars import ContextVar
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from services.chassis import app, serve
from services.chassis.auth import TokenVerifier
from services.schools.main import app as registry

_KEY: dict[str, Any] = json.loads(os.environ["JUNHENG_TEST_KEY"])
_dies: ContextVar[str | None] = ContextVar("dies", default=None)


async def _key_of(_kid: str) -> dict[str, Any]:
    return _KEY


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def dying(scope: Scope, receive: Receive, send: Send) -> None:
    """The registry, around each request its end."""
    when = Headers(scope=scope).get("x-dies") if scope["type"] == "http" else None
    _dies.set(when)

    async def last(message: Message) -> None:
        if when == "unanswered":
            _die()
        await send(message)

    await registry(scope, receive, last)


@event.listens_for(Session, "before_commit")
def _before_commit(_session: Session) -> None:
    if _dies.get() == "uncommitted":
        _die()


def main() -> None:
    """Serve."""
    setattr(app, "TokenVerifier", lambda _key_of_gateway: TokenVerifier(_key_of))  # noqa: B010
    serve.PROCESSES["schools"] = "tests.chassis.dying_process:dying"
    serve.main()


if __name__ == "__main__":
    main()
