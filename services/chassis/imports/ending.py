"""How an import ends, whoever ends it: written down, recorded, and the next turn announced."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
import structlog

from services.chassis.audit.log import record
from services.chassis.core.errors import AppError
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.imports import parts, store
from services.chassis.imports.discarding import discard
from services.chassis.imports.faults import cut_faults, drop_older_faults, fault_codes
from services.chassis.imports.imports import Imports
from services.chassis.imports.store import Counts, Job, State
from services.chassis.queue.jobs import enqueue_on
from services.chassis.queue.stored_problem import TwoProblems

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


class End(NamedTuple):
    """How an import ends.

    Attributes:
        state: one of `store.ENDED`.
        problem: why it failed.
        counts: what has become of its rows; by default as its parts say.
        removed: how many stored rows `replace` has removed.
        kept: how many it has kept although the file lacks them, by reason.
        is_judged: whether the rows were checked beside others and the stored ones.
    """

    state: State
    problem: TwoProblems | None = None
    counts: Counts | None = None
    removed: int = 0
    kept: Mapping[str, int] = MappingProxyType({})
    is_judged: bool = True


async def end_import(
    connection: Conn, imports: Imports, job: Job, caller: Caller, end: End
) -> None:
    """Write the end of an import down, and let the next one of its resource begin.

    All that it says of itself is added up from its parts, in this very transaction. Nothing is
    kept of one that was called off.

    Args:
        connection: acts as the service itself.
        imports: of the service.
        job: the import, under the number of the run that ends it.
        caller: in whose name.
        end: how.

    Raises:
        Superseded: another run has it by now.
        Cancelled: somebody has called it off, and it was to end otherwise.
    """
    settings, schema = imports.settings, imports.database.name
    waiting = await store.next_in_turn(connection, job)
    listed = await cut_faults(connection, job["id"], settings.max_import_faults)
    counts = end.counts or await parts.counted(connection, job)
    told = {"state": end.state, **counts._asdict(), "removed": end.removed}
    await store.change(
        connection,
        job,
        **told,
        waits_for=None,
        is_judged=end.is_judged,
        faults_listed=listed,
        # As text: the connection may have no codec for JSON.
        kept=_json(end.kept),
        fault_codes=_json(await fault_codes(connection, job["id"])),
        problem=end.problem and _json(end.problem),
    )
    await store.stamp(connection, job, "finished_at")
    if end.state == State.CANCELLED:
        await discard(connection, schema, [job["id"]])
    elif listed:
        most = settings.max_account_faults
        await drop_older_faults(connection, job["subject"], job["id"], most)
    await record(connection, caller, "import", job["resource"], job["id"], detail=told)
    if waiting:
        await enqueue_on(connection, schema, RUN, {"import": str(waiting)})
    began = job["started_at"]
    seconds = began and round((datetime.now(UTC) - began).total_seconds(), 2)
    log.info("import ended", seconds=seconds, job=str(job["id"]), resource=job["resource"], **told)


def _json(document: Mapping[str, Any]) -> str:
    return orjson.dumps({**document}, default=str).decode()


async def end_unattended(
    connection: Conn, imports: Imports, job: Job, caller: Caller, end: End
) -> None:
    """End an import that nobody carries out; what it has stored stays and is counted.

    A run that is alive all the same finds itself superseded. Tables that the last one has left
    behind are not dropped here, as that would wait for whatever still uses them: the clearing does.

    Raises:
        Superseded: it has ended by now.
    """
    await store.lock_turn(connection, job)
    job = await store.supersede(connection, job)
    await end_import(connection, imports, job, caller, end)
