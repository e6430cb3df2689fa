"""The verbs of the procedure: each locks the case, checks its guards, moves it, records it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.case_procedure.schemas import Decision, MeasureProposal, Proposal
from services.accountability.cases.history import Actor, record
from services.accountability.cases.models import Case, Respondent
from services.accountability.cases.queries import lock_case, respondents_of
from services.accountability.cases.transitions import CASE_PROCEDURE
from services.accountability.directives.service import issue_directives
from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import raw
from services.chassis.procedures.sql import require_allowed

_NOT_NAMED = Text("{value} 不是本案责任人", "{value} is not a respondent of this case")
_REPEATED = Text("重复的工号：{value}", "Repeated staff number: {value}")


async def take(session: AsyncSession, caller: Caller, case_id: UUID, verb: str) -> Case:
    """The case, locked, in a state that allows `verb`.

    Raises:
        CaseNotFound: no such case in the caller's scope.
        TransitionRefused: the state does not allow the verb.
        Conflict: a guard of the verb does not hold; its own problem.
    """
    case = await lock_case(session, caller, case_id)
    await require_allowed(await raw(session), CASE_PROCEDURE, case.id, verb)
    return case


async def move(
    session: AsyncSession,
    case: Case,
    actor: Actor,
    verb: str,
    note: str | None = None,
    **details: Any,
) -> Case:
    """Put a case that `take` has returned into the verb's target state."""
    case.state = CASE_PROCEDURE.by_name[verb].target
    await record(session, case, actor, verb, note, **details)
    return case


async def reject_case(
    session: AsyncSession, caller: Caller, actor: Actor, case_id: UUID, reason: str
) -> Case:
    """End a case without effect."""
    case = await take(session, caller, case_id, "reject")
    case.rejected_reason = reason
    return await move(session, case, actor, "reject", reason)


async def propose_measures(
    session: AsyncSession, caller: Caller, actor: Actor, case_id: UUID, payload: Proposal
) -> Case:
    """Put down the preliminary opinion: a measure for each person named, none for the others.

    Raises:
        Invalid: a measure for somebody who is not a respondent, or two for one person.
    """
    case = await take(session, caller, case_id, "propose")
    respondents = await respondents_of(session, case)
    if faults := _faults(payload.measures, respondents):
        raise Invalid(faults)
    proposed = {one.staff_no: one for one in payload.measures}
    for staff_no, respondent in respondents.items():
        one = proposed.get(staff_no)
        respondent.measure = one.measure if one else None
        respondent.measure_reason = one.reason if one else None
    case.opinion = payload.opinion
    case.proposed_by, case.proposer_staff_no = caller.subject, caller.staff_no
    measures = [one.model_dump() for one in payload.measures]
    return await move(session, case, actor, "propose", payload.opinion, measures=measures)


async def return_case(
    session: AsyncSession, caller: Caller, actor: Actor, case_id: UUID, reason: str
) -> Case:
    """Send a case under review back to be proposed again."""
    case = await take(session, caller, case_id, "return")
    case.returned_reason = reason
    return await move(session, case, actor, "return", reason)


async def notify_respondents(
    session: AsyncSession, caller: Caller, actor: Actor, case_id: UUID, note: str | None
) -> Case:
    """Give the respondents notice of facts and proposals: from now on they see their own case."""
    case = await take(session, caller, case_id, "notify")
    respondents = await respondents_of(session, case)
    _mark_notified(respondents.values(), actor)
    return await move(session, case, actor, "notify", note, staff_nos=sorted(respondents))


def _mark_notified(respondents: Iterable[Respondent], actor: Actor) -> None:
    for respondent in respondents:
        respondent.notified_at = respondent.notified_at or actor.at


async def decide_case(
    session: AsyncSession, caller: Caller, actor: Actor, case_id: UUID, payload: Decision
) -> Case:
    """Put the measures in force; each M4 becomes a directive in the same transaction."""
    case = await take(session, caller, case_id, "decide")
    respondents = await respondents_of(session, case)
    case.decided_by, case.decided_on = caller.subject, actor.at.date()
    case.decision_no, case.basis = payload.decision_no, payload.basis
    case.assessment_year = payload.assessment_year or case.found_on.year
    _mark_notified(respondents.values(), actor)
    await issue_directives(session, case, respondents.values())
    return await move(session, case, actor, "decide", payload.basis)


async def pass_case(
    session: AsyncSession,
    caller: Caller,
    actor: Actor,
    case_id: UUID,
    verb: str,
    note: str | None = None,
) -> Case:
    """Apply a verb that changes nothing but the state: file, review, execute, close."""
    case = await take(session, caller, case_id, verb)
    return await move(session, case, actor, verb, note)


def _faults(measures: list[MeasureProposal], respondents: dict[str, Respondent]) -> list[Fault]:
    faults = []
    seen: set[str] = set()
    for index, one in enumerate(measures):
        pointer, params = f"/measures/{index}/staff_no", {"value": one.staff_no}
        if one.staff_no not in respondents:
            faults.append(Fault(pointer, "respondent.unknown", _NOT_NAMED, params))
        elif one.staff_no in seen:
            faults.append(Fault(pointer, "staff.repeated", _REPEATED, params))
        seen.add(one.staff_no)
    return faults
