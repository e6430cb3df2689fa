"""Corrections of confirmed results: opened by a directive, decided by the bureau's leaders."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from services.appraisal.codes import GRADES
from services.appraisal.corrections.errors import CorrectionNotFound
from services.appraisal.corrections.models import Correction
from services.appraisal.corrections.queries import CORRECTION_ROWS
from services.appraisal.corrections.states import CORRECTION_PROCEDURE
from services.appraisal.cycles.models import Cycle
from services.appraisal.directives.models import Directive
from services.appraisal.results.models import Result
from services.chassis.database.auth import Caller
from services.chassis.database.clock import Clock
from services.chassis.database.db import raw
from services.chassis.http.preconditions import require_match
from services.chassis.lists.locking import lock_row
from services.chassis.procedures.sql import require_allowed


async def open_correction(session: AsyncSession, cycle: Cycle, directive: Directive) -> str:
    """Propose what `directive` means for a confirmed result; the directive's new state."""
    result = await _result_of(session, cycle.id, directive.staff_no)
    if result is None:
        return "not_applicable"
    session.add(
        Correction(
            bureau_code=cycle.bureau_code,
            cycle_id=cycle.id,
            directive_id=directive.id,
            staff_no=directive.staff_no,
            from_result=result.result,
            to_result=corrected(result.result, await _in_force(session, directive)),
        )
    )
    return "correction"


def corrected(current: str, directives: Sequence[Directive]) -> str:
    """The result under all directives in force; the most severe of each kind decides.

    As in determination, what is fixed stays fixed, a cap outweighs a floor, and `undetermined`
    yields to `fix` only.
    """
    by_effect: dict[str, list[str]] = {"fix": [], "floor": [], "cap": []}
    for directive in directives:
        by_effect[directive.effect].append(directive.result)
    if by_effect["fix"]:
        return min(by_effect["fix"], key=GRADES.index)
    if current not in GRADES:
        return current
    raised = max([current, *by_effect["floor"]], key=GRADES.index)
    return min([raised, *by_effect["cap"]], key=GRADES.index)


async def apply_correction(
    session: AsyncSession, caller: Caller, correction: Correction, clock: Clock
) -> None:
    """Change the confirmed result and add the reason to it.

    Raises:
        TransitionRefused: it was decided before.
        OwnCorrection: it is of the caller's own result.
    """
    state = await _next_state(session, correction, "apply")
    result = await _result_of(session, correction.cycle_id, correction.staff_no)
    directive = await session.get_one(Directive, correction.directive_id)
    assert result is not None
    # Others may have been applied since this one was opened.
    in_force = await _in_force(session, directive)
    correction.from_result = result.result
    correction.to_result = corrected(result.result, in_force)
    reason = {
        "code": "correction",
        "params": {
            "from": result.result,
            "result": correction.to_result,
            "case_no": directive.case_no,
            "measure": directive.measure,
            "basis": directive.basis,
            "directive_no": directive.directive_no,
        },
    }
    result.reasons = [reason, *result.reasons]
    result.result = correction.to_result
    result.is_graded = correction.to_result in GRADES
    directive.state = "applied"
    await _decide(correction, state, caller, clock)


async def dismiss_correction(
    session: AsyncSession, caller: Caller, correction: Correction, clock: Clock, reason: str
) -> None:
    """Let the confirmed result stand.

    Raises:
        TransitionRefused: it was decided before.
        OwnCorrection: it is of the caller's own result.
    """
    state = await _next_state(session, correction, "dismiss")
    correction.dismissed_reason = reason
    await _decide(correction, state, caller, clock)


async def lock_correction(session: AsyncSession, caller: Caller, correction_id: UUID) -> Correction:
    """The correction, locked: nobody decides on one that they have not seen as it is.

    Raises:
        CorrectionNotFound: the bureau has none with this id.
        MatchRequired: the request does not say by `If-Match` which version it is based on.
        RowChanged: the correction is at another version.
    """
    correction = await lock_row(
        session, caller, CORRECTION_ROWS, Correction, correction_id, CorrectionNotFound
    )
    require_match(correction.version, required=True)
    return correction


async def _decide(correction: Correction, state: str, caller: Caller, clock: Clock) -> None:
    correction.state, correction.decided_by = state, caller.name
    correction.decided_at = await clock.now()


async def _next_state(session: AsyncSession, correction: Correction, verb: str) -> str:
    return await require_allowed(await raw(session), CORRECTION_PROCEDURE, correction.id, verb)


async def _in_force(session: AsyncSession, directive: Directive) -> Sequence[Directive]:
    """The directives that bear on the person's year already, and this one."""
    found = await session.execute(
        select(Directive).where(
            Directive.bureau_code == directive.bureau_code,
            Directive.year == directive.year,
            Directive.staff_no == directive.staff_no,
            Directive.state == "applied",
        )
    )
    return [*found.scalars(), directive]


async def _result_of(session: AsyncSession, cycle_id: UUID, staff_no: str) -> Result | None:
    found = await session.execute(
        select(Result)
        .where(Result.cycle_id == cycle_id, Result.staff_no == staff_no)
        .with_for_update()
    )
    return found.scalar_one_or_none()
