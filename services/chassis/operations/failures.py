"""Runs that break off: the operation is tried again, cancelled or given up.

An outage is waited out, however long it lasts; meanwhile the operation names what it waits for.
Any other fault may be a passing one, too, and is tried a few times. Then the operation is given
up: it would keep those that wait for their turn from running.
"""

import structlog

from services.chassis.core.errors import StorageFull
from services.chassis.operations.kind import CANCELLED, FAILED, End
from services.chassis.operations.running import OperationRun
from services.chassis.operations.store import Superseded, release
from services.chassis.queue.jobs import TryAgain
from services.chassis.queue.runs import describe
from services.chassis.queue.stored_problem import two_problems
from services.chassis.queue.transient_errors import awaited

log = structlog.get_logger()

# About two minutes of attempts, as the queue spaces them.
MOST_BREAKS = 8


class Broken(Exception):
    """A run broke off; the operation is attempted again."""


class Loggable(Exception):
    """An exception whose words hold nobody's data."""


async def break_off(run: OperationRun, error: Exception) -> None:
    """End an operation that was cancelled or broke off too often, or have it attempted again.

    Raises:
        TryAgain: an outage is waited out.
        Broken: the run failed, not for the last time.
    """
    reason = _reason(run, error).with_traceback(error.__traceback__)
    try:
        if await _has_ended(run, reason):
            return
    except Superseded:
        log.info("operation has another run", kind=run.kind.name, job=str(run.job["id"]))
        return
    except Exception as fault:  # without the database nothing can be written down
        log.warning(
            "break not written down",
            kind=run.kind.name,
            job=str(run.job["id"]),
            error=describe(fault),
        )
    raise reason from None


def _reason(run: OperationRun, error: Exception) -> Exception:
    """The break as it is logged, without the words of an error that may quote a row."""
    words = str(error) if isinstance(error, Loggable | TryAgain) else describe(error)
    if not run.is_passing(error):
        return Broken(words)
    code = awaited(error)
    return TryAgain(code if code == StorageFull.code else words, code=code)


async def _has_ended(run: OperationRun, reason: Exception) -> bool:
    waits_for = reason.code if isinstance(reason, TryAgain) else None
    await _make_room(run, waits_for)
    async with run.as_service() as connection:
        found = await release(connection, run.kind, run.job, waits_for=waits_for)
    if found["is_cancelled"]:
        await run.end(End(CANCELLED))
    elif found["breaks"] >= MOST_BREAKS:
        log.error("operation given up", job=str(run.job["id"]), exc_info=reason)
        await run.end(End(FAILED, two_problems(run.kind.problems.given_up())))
    else:
        return False
    return True


async def _make_room(run: OperationRun, waits_for: str | None) -> None:
    """Give back what the run holds: it would wait for room that it takes itself."""
    try:
        await run.make_room(waits_for)
    except Exception as error:  # the next run does it
        log.warning("room not given back", job=str(run.job["id"]), error=describe(error))
