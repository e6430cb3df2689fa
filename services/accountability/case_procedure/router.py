"""Routes of the procedure: one POST per verb, which returns the case."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Response

from services.accountability.case_procedure import service
from services.accountability.case_procedure.schemas import Decision, Note, Proposal, Reason
from services.accountability.cases.errors import CaseNotFound
from services.accountability.cases.history import Actor, Now
from services.accountability.cases.queries import CASES
from services.accountability.cases.scopes import CaseScope
from services.accountability.cases.transitions import CASE_PROCEDURE
from services.chassis.core.errors import AppError, Invalid, documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Session
from services.chassis.http.idempotency import NeedsKey
from services.chassis.http.preconditions import MatchRequired, RowChanged
from services.chassis.lists.writing import written

TAG = Tag("procedure", Text("办理", "Steps of a case, from the lead to the archive"))
router = APIRouter(prefix="/v1/cases/{case_id}", tags=[TAG])

CanWrite = Annotated[Caller, allow(CaseScope.WRITE)]
CanReview = Annotated[Caller, allow(CaseScope.REVIEW)]
CanDecide = Annotated[Caller, allow(CaseScope.DECIDE)]
CanExecute = Annotated[Caller, allow(CaseScope.EXECUTE)]


Endpoint = TypeVar("Endpoint", bound=Callable[..., Awaitable[Response]])


def _verb(name: str, summary: str, *errors: type[AppError]) -> Callable[[Endpoint], Endpoint]:
    return router.post(
        f":{name}",
        summary=summary,
        response_model=CASES.row_schema,
        responses=documents(
            CaseNotFound,
            MatchRequired,
            RowChanged,
            *CASE_PROCEDURE.problems(name),
            *errors,
        ),
        dependencies=[NeedsKey],
    )


@_verb("file", "File a lead (立案)")
async def file_case(case_id: UUID, caller: CanWrite, now: Now, session: Session) -> Response:
    """File a lead: `lead` → `filed`."""
    actor = Actor.of(caller, now)
    case = await service.pass_case(session, caller, actor, case_id, "file")
    return await written(CASES, session, caller, case.id)


@_verb("reject", "End a case without effect (不予问责)")
async def reject_case(
    case_id: UUID, payload: Reason, caller: CanReview, now: Now, session: Session
) -> Response:
    """Reject with a reason: `lead`, `filed` or `proposed` → `rejected`."""
    actor = Actor.of(caller, now)
    case = await service.reject_case(session, caller, actor, case_id, payload.reason)
    return await written(CASES, session, caller, case.id)


@_verb("propose", "Propose measures (提出初步意见)", Invalid)
async def propose_measures(
    case_id: UUID, payload: Proposal, caller: CanWrite, now: Now, session: Session
) -> Response:
    """Propose a measure for each respondent: `filed` or `returned` → `proposed`."""
    actor = Actor.of(caller, now)
    case = await service.propose_measures(session, caller, actor, case_id, payload)
    return await written(CASES, session, caller, case.id)


@_verb("review", "Take a proposal under review (审核)")
async def review_case(case_id: UUID, caller: CanReview, now: Now, session: Session) -> Response:
    """Start the review: `proposed` → `under_review`."""
    actor = Actor.of(caller, now)
    case = await service.pass_case(session, caller, actor, case_id, "review")
    return await written(CASES, session, caller, case.id)


@_verb("return", "Send a proposal back (退回)")
async def return_case(
    case_id: UUID, payload: Reason, caller: CanReview, now: Now, session: Session
) -> Response:
    """Return with a reason for a new proposal: `under_review` → `returned`."""
    actor = Actor.of(caller, now)
    case = await service.return_case(session, caller, actor, case_id, payload.reason)
    return await written(CASES, session, caller, case.id)


@_verb("notify", "Give notice of the facts (告知)")
async def notify_respondents(
    case_id: UUID, caller: CanReview, now: Now, session: Session, payload: Note | None = None
) -> Response:
    """Notify the respondents, who can then read their own case and submit a defence."""
    actor, note = Actor.of(caller, now), payload.note if payload else None
    case = await service.notify_respondents(session, caller, actor, case_id, note)
    return await written(CASES, session, caller, case.id)


@_verb("decide", "Decide on the measures (决定)")
async def decide_case(
    case_id: UUID, payload: Decision, caller: CanDecide, now: Now, session: Session
) -> Response:
    """Decide, never as the proposer: `under_review` → `decided`. Each M4 creates a directive."""
    actor = Actor.of(caller, now)
    case = await service.decide_case(session, caller, actor, case_id, payload)
    return await written(CASES, session, caller, case.id)


@_verb("execute", "Record that a decision is carried out (执行)")
async def execute_case(
    case_id: UUID, caller: CanExecute, now: Now, session: Session, payload: Note | None = None
) -> Response:
    """Record the execution: `decided` → `executed`."""
    actor, note = Actor.of(caller, now), payload.note if payload else None
    case = await service.pass_case(session, caller, actor, case_id, "execute", note)
    return await written(CASES, session, caller, case.id)


@_verb("close", "Close a case (结案)")
async def close_case(
    case_id: UUID, caller: CanExecute, now: Now, session: Session, payload: Note | None = None
) -> Response:
    """Close once every directive is delivered or refused: `executed` → `closed`."""
    actor, note = Actor.of(caller, now), payload.note if payload else None
    case = await service.pass_case(session, caller, actor, case_id, "close", note)
    return await written(CASES, session, caller, case.id)
