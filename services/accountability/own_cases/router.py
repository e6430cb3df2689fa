"""Routes of a respondent's own cases: read the notice and the decision, submit a defence."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.accountability.cases.history import Actor, Now
from services.accountability.own_cases import service
from services.accountability.own_cases.errors import OwnCaseNotFound
from services.accountability.own_cases.queries import OWN_CASES
from services.accountability.own_cases.schemas import DefenceCreate
from services.accountability.own_cases.scopes import OwnCaseScope
from services.accountability.own_cases.states import OWN_CASE_PROCEDURE
from services.chassis.core.errors import documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Session, TheDatabase, as_person, raw
from services.chassis.exports.answers import Lists, query_of
from services.chassis.http.idempotency import IdempotencyKeyRequired, NeedsKey
from services.chassis.lists.listing import PageParams

TAG = Tag("own cases", Text("本人案件", "Cases that name the caller"))
router = APIRouter(prefix="/v1/own-cases", tags=[TAG])

CanRead = Annotated[Caller, allow(OwnCaseScope.READ)]
CanWrite = Annotated[Caller, allow(OwnCaseScope.WRITE)]


@router.get("", summary="List your own cases (本人案件列表)", response_model=OWN_CASES.page_schema)
async def list_own_cases(
    params: Annotated[PageParams, query_of(OWN_CASES)], caller: CanRead, lists: Lists
) -> Response:
    """Cases in which the caller is a respondent and has been notified of the facts or decision."""
    return await lists.answer(OWN_CASES, caller, params)


@router.get(
    "/{own_case_id}",
    summary="Read your own case (本人案件)",
    response_model=OWN_CASES.row_schema,
    responses=documents(OwnCaseNotFound),
)
async def read_own_case(own_case_id: UUID, caller: CanRead, database: TheDatabase) -> Response:
    """The part of the notice about the caller, the caller's statements, and the decision."""
    async with database.connection(OWN_CASES.reader(caller)) as connection:
        return await OWN_CASES.one(connection, caller, "r.id = {}", own_case_id)


@router.post(
    "/{own_case_id}:defend",
    summary="Submit a defence (陈述申辩)",
    status_code=201,
    response_model=OWN_CASES.row_schema,
    responses=documents(
        OwnCaseNotFound, *OWN_CASE_PROCEDURE.problems("defend"), IdempotencyKeyRequired
    ),
    dependencies=[NeedsKey],
)
async def defend_own_case(
    own_case_id: UUID, payload: DefenceCreate, caller: CanWrite, now: Now, session: Session
) -> Response:
    """Submit a statement between notice and decision; the decider must then read the case again."""
    await service.defend(session, caller, Actor.of(caller, now), own_case_id, payload.statement)
    async with as_person(await raw(session)) as connection:
        response = await OWN_CASES.one(connection, caller, "r.id = {}", own_case_id)
    response.status_code = 201
    return response
