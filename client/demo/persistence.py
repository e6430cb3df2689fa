"""A step goes on when a service has been away for a while: it begins again, and finds its place.

Every step looks first how far things have come, so beginning again repeats nothing. That is what
makes it safe where a single request may not be sent twice.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from client.demo.errors import DemoFailed
from client.patience import Patience
from client.problems import JunhengError, Problem, Unreachable
from client.text import Text

Done = TypeVar("Done")

STEP_PATIENCE = Patience(seconds=60.0, first_wait=0.5, longest_wait=3.0)
# The client's own tries of a single call; the step's patience is what counts.
CALL_PATIENCE = Patience(seconds=5.0)
_GIVEN_UP = Text(
    "{seconds:.0f} 秒内服务未恢复:{detail}。恢复后再运行一次,会从中断处继续。",
    "No answer for {seconds:.0f} s: {detail}. Run again once it is back: it goes on from here.",
)


def persist(
    work: Callable[[], Done],
    away: Callable[[JunhengError], None],
    patience: Patience = STEP_PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
) -> Done:
    """Do a step, beginning again while a service is away.

    Args:
        work: the step.
        away: told of each outage that is waited for.
        patience: how long to go on.
        sleep: waits.

    Raises:
        DemoFailed: it stayed away too long.
        Problem: any refusal that waiting does not change.
    """
    trial = patience.begin()
    while True:
        try:
            return work()
        except (Problem, Unreachable) as failure:
            if isinstance(failure, Problem) and not failure.is_outage:
                raise
            away(failure)
            if not trial.wait(None, sleep):
                detail = failure.detail if isinstance(failure, Problem) else str(failure)
                raise DemoFailed(_GIVEN_UP, seconds=patience.seconds, detail=detail) from failure
