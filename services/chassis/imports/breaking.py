"""What becomes of an import whose run breaks off: tried again, called off, or given up.

An outage is waited out, however long it lasts; meanwhile the import says what it waits for. A
fault that is the run's own may be a passing one, too, and is tried a few times; then the import is
given up, or it would keep every later import of its resource waiting.
"""

import structlog

from services.chassis.core.errors import StorageFull
from services.chassis.http.problems import as_app_error
from services.chassis.imports import store
from services.chassis.imports.ending import GivenUp
from services.chassis.imports.stages import StagesLost, drop_stages
from services.chassis.imports.store import State, Superseded
from services.chassis.imports.validators import ValidatorDied
from services.chassis.imports.work import Work
from services.chassis.queue.jobs import TryAgain
from services.chassis.queue.runs import describe
from services.chassis.queue.stored_problem import two_problems
from services.chassis.queue.transient_errors import awaited, is_outage

log = structlog.get_logger()

# About two minutes of tries, as the queue spaces them.
MOST_BREAKS = 8


class Broken(Exception):
    """A run broke off; the job is taken up again."""


async def break_off(work: Work, error: Exception) -> None:
    """End an import that was called off meanwhile or breaks off too often; or have it tried again.

    Raises:
        TryAgain: something else is away.
        Broken: something went wrong, not for the last time.
    """
    # Without its words: what PostgreSQL says of a row may quote it, and this is logged.
    words = str(error) if isinstance(error, ValidatorDied | TryAgain) else describe(error)
    if awaited(error) == StorageFull.code:
        words = StorageFull.code
    passing = is_outage(error) or isinstance(error, StagesLost)
    told = TryAgain(words, code=awaited(error)) if passing else Broken(words)
    told = told.with_traceback(error.__traceback__)
    try:
        if await _has_ended(work, told):
            return
        if isinstance(as_app_error(error), StorageFull):
            await work.drop_stages()  # until there is room, for others too
    except Superseded:
        log.info("import taken over by another run", job=str(work.job["id"]))
        return
    except Exception as fault:  # with the database away nothing can be written down
        log.warning(
            "break of an import not written down", job=str(work.job["id"]), error=describe(fault)
        )
    raise told from None


async def _drop_stages(work: Work) -> None:
    """Give back the room that this run has taken: it would wait for room that it takes itself."""
    try:
        async with work.as_service() as connection:
            name = work.imports.database.name
            await drop_stages(connection, name, work.job["id"], work.job["run"])
    except Exception as error:  # the next run does it
        log.warning("stages not dropped", job=str(work.job["id"]), error=describe(error))


async def _has_ended(work: Work, told: Exception) -> bool:
    waits_for = told.code if isinstance(told, TryAgain) else None
    if waits_for == StorageFull.code:
        await _drop_stages(work)
    async with work.as_service() as connection:
        found = await store.put_down(connection, work.job, waits_for=waits_for)
    if waits_for == StorageFull.code and found["state"] == State.VALIDATING:
        work.imports.delete_rewritten(work.job["id"])  # it is made again from the upload
    if found["is_cancelled"]:
        await work.end(State.CANCELLED)
    elif found["breaks"] >= MOST_BREAKS:
        log.error("import given up", job=str(work.job["id"]), exc_info=told)
        await work.end(State.FAILED, problem=two_problems(GivenUp()))
    else:
        return False
    return True
