"""`python -m tests.chassis.dying_process schools`: the registry, which dies when a request asks.

`X-Dies: uncommitted` kills the process when all is written and nothing committed, `unanswered`
when all is committed and nothing answered. It trusts the tests' key.
"""

import os
import signal
from contextvars import ContextVar

from sqlalchemy import event
from sqlalchemy.orm import Session
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from services.chassis.runtime import serve
from services.schools.main import app as registry
from tests.support.trusting import trust_tests

_dies: ContextVar[str | None] = ContextVar("dies", default=None)


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
    trust_tests()
    serve.PROCESSES["schools"] = "tests.chassis.dying_process:dying"
    serve.main()


if __name__ == "__main__":
    main()
