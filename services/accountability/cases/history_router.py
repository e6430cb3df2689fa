"""Routes of a case's history: its steps, and the versions of its texts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.accountability.cases.errors import CaseNotFound
from services.accountability.cases.queries import EVENTS, TEXT_VERSIONS, require_case
from services.accountability.cases.scopes import CaseScope
from services.accountability.cases.tags import CASES_TAG
from services.chassis.core.errors import documents
from services.chassis.database.auth import Caller, allow
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.listing import PageParams

router = APIRouter(prefix="/v1", tags=[CASES_TAG])

CanRead = Annotated[Caller, allow(CaseScope.READ)]


@router.get(
    "/cases/{case_id}/events",
    summary="List the history of a case (办理记录)",
    response_model=EVENTS.page_schema,
    responses=documents(CaseNotFound),
)
async def list_case_events(
    case_id: UUID,
    params: Annotated[PageParams, query_of(EVENTS)],
    caller: CanRead,
    lists: Lists,
) -> Response:
    """All steps with account and time, oldest first; entries are never changed."""
    within = {"case_id": case_id}
    return await lists.answer(EVENTS, caller, params, within, require_case)


@router.get(
    "/cases/{case_id}/text-versions",
    summary="List the text versions of a case (文本版本)",
    response_model=TEXT_VERSIONS.page_schema,
    responses=documents(CaseNotFound),
)
async def list_case_text_versions(
    case_id: UUID,
    params: Annotated[PageParams, query_of(TEXT_VERSIONS)],
    caller: CanRead,
    lists: Lists,
) -> Response:
    """All versions of the texts with author and time; the first one is the lead as registered."""
    within = {"case_id": case_id}
    return await lists.answer(TEXT_VERSIONS, caller, params, within, require_case)
