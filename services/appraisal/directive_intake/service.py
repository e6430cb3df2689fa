"""Receiving directives: exactly once by their number, and never a silent overwrite."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from services.appraisal.corrections.service import open_correction
from services.appraisal.cycles.models import Cycle
from services.appraisal.cycles.queries import CYCLE_ROWS
from services.appraisal.directives.errors import DirectiveDiffers
from services.appraisal.directives.models import Directive, DirectiveWrite
from services.appraisal.directives.queries import DIRECTIVE_ROWS
from services.chassis.database.auth import Caller

_AFTER_DETERMINATION = frozenset({"determined", "public_notice"})


async def receive_directive(
    session: AsyncSession, caller: Caller, payload: DirectiveWrite
) -> tuple[Directive, bool]:
    """Store a directive and let it bear on the year's cycle; second value: whether it is new.

    Before determination it waits; after it the results become stale and must be determined
    again; on a confirmed cycle it opens a correction.

    Raises:
        DirectiveDiffers: the number was used with other content.
    """
    # The cycle first: determination and confirmation lock it too, so none of them can miss this.
    cycle = await _cycle_of(session, caller, payload.year)
    known = await _find(session, caller, payload.directive_no)
    if known is None:
        known = Directive(**payload.model_dump(), bureau_code=caller.bureau_code)
        try:
            async with session.begin_nested():
                session.add(known)
        except IntegrityError:
            # Sent twice at once before the year's cycle exists: the other one was first.
            known = await _find(session, caller, payload.directive_no)
            assert known is not None
        else:
            await _bear_on(session, cycle, known)
            return known, True
    if (
        DirectiveWrite.model_validate(known.model_dump(include=set(payload.model_dump())))
        != payload
    ):
        raise DirectiveDiffers(directive_no=payload.directive_no)
    return known, False


async def _bear_on(session: AsyncSession, cycle: Cycle | None, directive: Directive) -> None:
    if cycle is None:
        return
    if cycle.state in _AFTER_DETERMINATION:
        cycle.is_stale = True
    elif cycle.state == "confirmed":
        directive.state = await open_correction(session, cycle, directive)


async def _cycle_of(session: AsyncSession, caller: Caller, year: int) -> Cycle | None:
    found = await session.execute(
        select(Cycle)
        .where(Cycle.year == year, CYCLE_ROWS.criterion(caller, Cycle))
        .with_for_update()
    )
    return found.scalar_one_or_none()


async def _find(session: AsyncSession, caller: Caller, directive_no: str) -> Directive | None:
    found = await session.execute(
        select(Directive).where(
            Directive.directive_no == directive_no, DIRECTIVE_ROWS.criterion(caller, Directive)
        )
    )
    return found.scalar_one_or_none()
