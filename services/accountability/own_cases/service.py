"""A respondent's defence (陈述申辩): heard between the notice of facts and the decision."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, select

from services.accountability.cases.history import Actor, record
from services.accountability.cases.models import Case, CaseEvent, Respondent
from services.accountability.cases.rows import RESPONDENT_ROWS
from services.accountability.cases.transitions import HEARING
from services.accountability.own_cases.errors import (
    DefenceClosed,
    OwnCaseNotFound,
    TooManyDefences,
)
from services.chassis.database.auth import Caller
from services.chassis.database.db import as_service, raw

# Each gives the case a new version, so that nobody decides without having read it.
MOST_DEFENCES = 20


async def defend(
    session: AsyncSession, caller: Caller, actor: Actor, own_case_id: UUID, statement: str
) -> None:
    """Add a statement to the history of the caller's own case.

    Raises:
        OwnCaseNotFound: the caller has not been notified in such a case.
        DefenceClosed: it is not the time.
        TooManyDefences: there are enough.
    """
    # Row security hides the case itself from its respondents.
    async with as_service(await raw(session)):
        case = await _lock_own(session, caller, own_case_id)
        if case.state != HEARING:
            raise DefenceClosed
        if await _count(session, caller, case) >= MOST_DEFENCES:
            raise TooManyDefences(limit=MOST_DEFENCES)
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


async def _count(session: AsyncSession, caller: Caller, case: Case) -> int:
    return (
        await session.scalar(
            select(func.count())
            .select_from(CaseEvent)
            .where(
                CaseEvent.case_id == case.id,
                CaseEvent.verb == "defend",
                col(CaseEvent.details)["staff_no"].astext == caller.staff_no,
            )
        )
        or 0
    )
