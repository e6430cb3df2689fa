"""A respondent's defence (陈述申辩): heard between the notice of facts and the decision."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from services.accountability.cases.history import Actor, record
from services.accountability.cases.models import Case, Respondent
from services.accountability.cases.rows import RESPONDENT_ROWS
from services.accountability.own_cases.errors import OwnCaseNotFound
from services.accountability.own_cases.states import OWN_CASE_PROCEDURE
from services.chassis.database.auth import Caller
from services.chassis.database.db import as_service, raw
from services.chassis.procedures.sql import require_allowed


async def defend(
    session: AsyncSession, caller: Caller, actor: Actor, own_case_id: UUID, statement: str
) -> None:
    """Add a statement to the history of the caller's own case.

    Raises:
        OwnCaseNotFound: the caller has not been notified in such a case.
        TransitionRefused: the case is decided or rejected.
        DefenceClosed: the case is not under review.
        TooManyDefences: there are enough.
    """
    # Row security hides the case itself from its respondents.
    async with as_service(await raw(session)) as connection:
        case = await _lock_own(session, caller, own_case_id)
        await require_allowed(connection, OWN_CASE_PROCEDURE, own_case_id, "defend")
        await record(session, case, actor, "defend", statement, staff_no=caller.staff_no)
        await session.flush()


async def _lock_own(session: AsyncSession, caller: Caller, own_case_id: UUID) -> Case:
    found = await session.execute(
        select(Case)
        .join(Respondent, col(Respondent.case_id) == Case.id)
        .where(
            Respondent.id == own_case_id,
            RESPONDENT_ROWS.criterion(caller.as_person(), Respondent),
        )
        .with_for_update(of=Case)
    )
    case = found.scalar_one_or_none()
    if case is None:
        raise OwnCaseNotFound(key=own_case_id)
    return case
