"""Routes of cases: list, registration, reading, correction, respondents."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from services.accountability.cases import respondents, service
from services.accountability.cases.errors import (
    CaseNoTaken,
    CaseNotFound,
    NotEditable,
    RespondentNotFound,
    RespondentTaken,
)
from services.accountability.cases.history import Actor, Now
from services.accountability.cases.queries import (
    CASES,
    require_visible,
)
from services.accountability.cases.schemas import (
    CaseCreate,
    CasePatch,
    RespondentsCreate,
)
from services.accountability.cases.scopes import CaseScope
from services.accountability.cases.summary import SummaryRead, summarise
from services.accountability.cases.tags import CASES_TAG
from services.accountability.registry import TheRegistry
from services.chassis.core.errors import Invalid, documents
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Begin, Connection, Session, TheDatabase
from services.chassis.exports.answers import Lists, query_of
from services.chassis.http.preconditions import MatchRequired, RowChanged
from services.chassis.lists.listing import PageParams
from services.chassis.lists.writing import written
from services.chassis.peers.http_client import UpstreamUnavailable

router = APIRouter(prefix="/v1", tags=[CASES_TAG])

CanRead = Annotated[Caller, allow(CaseScope.READ)]
CanWrite = Annotated[Caller, allow(CaseScope.WRITE)]
RespondentNo = Annotated[
    str, Path(description="Staff number of the respondent (责任人工号)", examples=["T000001"])
]
# For routes that call the registry: they open their transaction after its response.


@router.get("/cases", summary="List or export cases (案件列表)", response_model=CASES.page_schema)
async def list_cases(
    params: Annotated[PageParams, query_of(CASES)], caller: CanRead, lists: Lists
) -> Response:
    """Cases in the caller's scope with their respondents; `format=csv|ndjson` streams all."""
    return await lists.answer(CASES, caller, params)


@router.post(
    "/cases",
    summary="Register a lead (登记线索)",
    status_code=201,
    response_model=CASES.row_schema,
    responses=documents(CaseNoTaken, Invalid, UpstreamUnavailable),
)
async def create_case(
    payload: CaseCreate,
    caller: CanWrite,
    now: Now,
    registry: TheRegistry,
    begin: Begin,
) -> Response:
    """Register a lead; respondents can be registered now or later."""
    school = await service.identify_school(registry, caller, payload.school_code)
    people = await respondents.identify(registry, caller, payload.respondents, now.date())
    actor = Actor.of(caller, now)
    async with begin() as session:
        case = await service.create_case(session, caller, actor, payload, school, people)
        return await written(CASES, session, caller, case.id, 201)


@router.get(
    "/cases/by-key/{case_no}",
    summary="Read a case by number (按案号读取案件)",
    response_model=CASES.row_schema,
    responses=documents(CaseNotFound),
)
async def read_case_by_key(case_no: str, caller: CanRead, connection: Connection) -> Response:
    """A case by its number."""
    return await CASES.one(connection, caller, "case_no = {}", case_no)


@router.get(
    "/cases/{case_id}",
    summary="Read a case (案件)",
    response_model=CASES.row_schema,
    responses=documents(CaseNotFound),
)
async def read_case(case_id: UUID, caller: CanRead, connection: Connection) -> Response:
    """A case by its id."""
    return await CASES.one(connection, caller, "id = {}", case_id)


@router.patch(
    "/cases/{case_id}",
    summary="Edit the texts of a case (修改案件)",
    response_model=CASES.row_schema,
    responses=documents(CaseNotFound, NotEditable, MatchRequired, RowChanged),
)
async def patch_case(
    case_id: UUID,
    payload: CasePatch,  # type: ignore[valid-type]
    caller: CanWrite,
    now: Now,
    session: Session,
) -> Response:
    """Edit a lead or filed case (merge patch); school and number cannot be changed."""
    changes = payload.changes()  # type: ignore[attr-defined]
    case = await service.patch_case(session, caller, Actor.of(caller, now), case_id, changes)
    return await written(CASES, session, caller, case.id)


@router.post(
    "/cases/{case_id}/respondents",
    summary="Register respondents (登记责任人)",
    response_model=CASES.row_schema,
    responses=documents(
        CaseNotFound,
        NotEditable,
        RespondentTaken,
        MatchRequired,
        RowChanged,
        Invalid,
        UpstreamUnavailable,
    ),
)
async def add_respondents(
    case_id: UUID,
    payload: RespondentsCreate,
    caller: CanWrite,
    now: Now,
    registry: TheRegistry,
    database: TheDatabase,
    begin: Begin,
) -> Response:
    """Register respondents of a lead, filed or returned case; they must be in the registry."""
    async with database.connection(caller) as connection:
        await require_visible(connection, caller, case_id)
    people = await respondents.identify(registry, caller, payload.respondents, now.date())
    actor = Actor.of(caller, now)
    async with begin() as session:
        case = await respondents.add_respondents(
            session, caller, actor, case_id, payload.respondents, people
        )
        return await written(CASES, session, caller, case.id)


@router.delete(
    "/cases/{case_id}/respondents/{staff_no}",
    summary="Remove a respondent (撤销责任人)",
    response_model=CASES.row_schema,
    responses=documents(CaseNotFound, NotEditable, RespondentNotFound, MatchRequired, RowChanged),
)
async def remove_respondent(
    case_id: UUID, staff_no: RespondentNo, caller: CanWrite, now: Now, session: Session
) -> Response:
    """Remove a respondent of a lead, filed or returned case; the history keeps the record."""
    actor = Actor.of(caller, now)
    case = await respondents.remove_respondent(session, caller, actor, case_id, staff_no)
    return await written(CASES, session, caller, case.id)


@router.get("/summary", summary="Count cases (案件统计)")
async def read_summary(
    caller: CanRead,
    connection: Connection,
    year: Annotated[
        int | None,
        Query(ge=1900, le=2200, description="Year of discovery (发现年份)", examples=[2025]),
    ] = None,
) -> SummaryRead:
    """Numbers of cases in the caller's scope by state, trigger and measure."""
    return await summarise(connection, caller, year)
