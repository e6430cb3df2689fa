"""Which cycles a caller sees, and the cycle of a request."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from services.appraisal.cycles.errors import CycleNotFound
from services.appraisal.cycles.models import Cycle, CycleRead
from services.appraisal.cycles.states import CYCLE_PROCEDURE
from services.chassis.database.auth import Caller, current_caller
from services.chassis.database.db import Conn, Session, database_of, raw
from services.chassis.exports.spec import Exportable, Parents
from services.chassis.http.preconditions import require_match
from services.chassis.lists.listing import Listing
from services.chassis.lists.locking import lock_row
from services.chassis.lists.row_rules import WHOLE_BUREAU
from services.chassis.lists.row_scopes import RowScope
from services.chassis.lists.worded import Worded
from services.chassis.procedures.sql import require_allowed

CYCLE_ROWS = RowScope(
    "cycle", {"bureau": WHOLE_BUREAU, "schools": WHOLE_BUREAU, "person": WHOLE_BUREAU}
)

CYCLES = Listing(
    "cycles",
    CycleRead,
    "cycle",
    CYCLE_ROWS,
    sorts=("year", "created_at", "updated_at"),
    sql={
        "participants": "(select count(*) from participant p where p.cycle_id = cycle.id)",
    },
    missing=CycleNotFound,
    procedure=CYCLE_PROCEDURE,
)


async def lock_cycle(session: AsyncSession, caller: Caller, cycle_id: UUID) -> Cycle:
    """The cycle, locked: verbs, records, scores and directives of one cycle take turns.

    Raises:
        CycleNotFound: the bureau has no such cycle.
    """
    return await lock_row(session, caller, CYCLE_ROWS, Cycle, cycle_id, CycleNotFound)


async def version_of(session: AsyncSession, caller: Caller, cycle_id: UUID) -> int:
    """The cycle's version as it is now, not locked.

    Raises:
        CycleNotFound: the bureau has no such cycle.
    """
    found = await session.execute(
        select(Cycle.version).where(Cycle.id == cycle_id, CYCLE_ROWS.criterion(caller, Cycle))
    )
    version = found.scalar_one_or_none()
    if version is None:
        raise CycleNotFound(key=cycle_id)
    return version


async def next_state(session: AsyncSession, cycle: Cycle, verb: str) -> str:
    """Where a verb leads a locked cycle.

    Raises:
        TransitionRefused: the state does not allow the verb.
        Conflict: a guard does not hold; its own problem.
    """
    return await require_allowed(await raw(session), CYCLE_PROCEDURE, cycle.id, verb)


async def locked_cycle(
    cycle_id: UUID, session: Session, caller: Annotated[Caller, Depends(current_caller)]
) -> Cycle:
    """The cycle of this request, locked for a change and as the request expects it."""
    cycle = await lock_cycle(session, caller, cycle_id)
    require_match(cycle.version)
    return cycle


async def shared_state(connection: Conn, caller: Caller, cycle_id: UUID) -> str:
    """The cycle's state, kept from changing until this transaction ends.

    Raises:
        CycleNotFound: the bureau has no such cycle.
    """
    state: str | None = await connection.fetchval(
        "select state from cycle where id = $1 and bureau_code = $2 for share",
        cycle_id,
        caller.bureau_code,
    )
    if state is None:
        raise CycleNotFound(key=cycle_id)
    return state


async def require_cycle(connection: Conn, caller: Caller, parents: Parents) -> None:
    """Ensure that the caller's bureau has the cycle before its rows are read.

    Raises:
        CycleNotFound: it has none with this id.
    """
    cycle_id = parents["cycle_id"]
    found = await connection.fetchval(
        "select id from cycle where id = $1 and bureau_code = $2", cycle_id, caller.bureau_code
    )
    if found is None:
        raise CycleNotFound(key=cycle_id)


async def existing_cycle(
    cycle_id: UUID, request: Request, caller: Annotated[Caller, Depends(current_caller)]
) -> UUID:
    """The id of a cycle that the caller's bureau has.

    Raises:
        CycleNotFound: it has none with this id.
    """
    # Given back at once: requests that keep one connection while they wait for a second one
    # (their list's) would starve each other.
    async with database_of(request).connection(caller) as connection:
        await require_cycle(connection, caller, {"cycle_id": cycle_id})
    return cycle_id


LockedCycle = Annotated[Cycle, Depends(locked_cycle)]
ExistingCycle = Annotated[UUID, Depends(existing_cycle)]


def by_cycle(listing: Worded, scope: str, column: str) -> Exportable:
    """An export of rows that belong to one cycle, whose id is in `column`."""
    return Exportable(listing, scope, {"cycle_id": column}, require_cycle)
