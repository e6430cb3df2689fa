"""How an import ends, whoever ends it: written down, recorded, and the next turn announced."""

from datetime import UTC, datetime

import structlog

from services.chassis.audit import record
from services.chassis.auth import Caller
from services.chassis.db import Conn
from services.chassis.errors import AppError
from services.chassis.imports import store
from services.chassis.imports.store import Counts, Job, State
from services.chassis.jobs import enqueue_on
from services.chassis.kept_problem import TwoProblems
from services.chassis.text import Text

log = structlog.get_logger()

RUN = "import.run"


class GivenUp(AppError):
    """The import could not be carried out, however often it was tried."""

    status = 500
    code = "import.given_up"
    title = Text("导入未能完成", "Could not be carried out")
    detail = Text(
        "多次尝试后仍未完成;请重新导入,若再次失败请联系管理员。已导入的行数见 progress。",
        "It was tried again and again without success: import the file again, and tell whoever "
        "runs this server if that fails, too. `progress` says what has been stored.",
    )


async def end_import(
    connection: Conn,
    schema: str,
    job: Job,
    caller: Caller,
    state: State,
    counts: Counts,
    *,
    problem: TwoProblems | None = None,
    removed: int = 0,
) -> None:
    """Write the end of an import down, and let the next one of its resource begin.

    Args:
        connection: acts as the service itself.
        schema: of the service.
        job: the import, under the number of the run that ends it.
        caller: in whose name.
        state: how it ends.
        counts: what has become of its rows.
        problem: why it failed.
        removed: how many stored rows `replace` has removed.

    Raises:
        Superseded: another run has it by now.
        Cancelled: somebody has called it off, and it was to end otherwise.
    """
    values = {**counts._asdict(), "removed": removed}
    waiting = await store.next_in_turn(connection, job)
    await store.change(connection, job, state=state, problem=problem, waits_for=None, **values)
    await store.stamp(connection, job, "finished_at")
    detail = {"state": state, **values}
    await record(connection, caller, "import", job["resource"], job["id"], detail=detail)
    if waiting:
        await enqueue_on(connection, schema, RUN, {"import": str(waiting)})
    began = job["started_at"]
    seconds = began and round((datetime.now(UTC) - began).total_seconds(), 2)
    told = {"job": str(job["id"]), "resource": job["resource"], **detail}
    log.info("import ended", seconds=seconds, **told)


async def end_unattended(
    connection: Conn,
    schema: str,
    job: Job,
    caller: Caller,
    state: State,
    *,
    problem: TwoProblems | None = None,
) -> None:
    """End an import that nobody carries out; what it has stored stays and is counted.

    A run that is alive all the same finds itself superseded. Tables that the last one has left
    behind are not dropped here, as that would wait for whatever still uses them: the clearing does.

    Raises:
        Superseded: it has ended by now.
    """
    await store.lock_turn(connection, job)
    job = await store.supersede(connection, job)
    counts = await store.counted(connection, job)
    await end_import(connection, schema, job, caller, state, counts, problem=problem)
