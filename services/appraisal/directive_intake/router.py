"""Routes of directives; accountability sends them."""

from typing import Annotated

from fastapi import APIRouter, Response

from services.appraisal.directive_intake.service import receive_directive
from services.appraisal.directives.errors import DirectiveDiffers
from services.appraisal.directives.models import DirectiveRead, DirectiveWrite
from services.appraisal.directives.queries import DIRECTIVES
from services.appraisal.directives.scopes import DirectiveScope
from services.chassis.core.errors import documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Session
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.listing import PageParams
from services.chassis.lists.writing import written

TAG = Tag("directives", Text("问责影响", "Effects of accountability decisions on results"))
router = APIRouter(prefix="/v1/directives", tags=[TAG])

CanRead = Annotated[Caller, allow(DirectiveScope.READ)]
CanWrite = Annotated[Caller, allow(DirectiveScope.WRITE)]


@router.get("", summary="List directives (问责影响列表)", response_model=DIRECTIVES.page_schema)
async def list_directives(
    params: Annotated[PageParams, query_of(DIRECTIVES)], caller: CanRead, lists: Lists
) -> Response:
    """Effects of accountability decisions on results, with their outcomes."""
    return await lists.answer(DIRECTIVES, caller, params)


@router.post(
    "",
    summary="Receive a directive (接收问责影响)",
    status_code=201,
    response_model=DirectiveRead,
    responses={
        200: {"description": "Received before (已接收过)", "model": DirectiveRead},
        **documents(DirectiveDiffers),
    },
)
async def create_directive(payload: DirectiveWrite, caller: CanWrite, session: Session) -> Response:
    """Returns 201 for a new directive and 200 for one received before, so it can be repeated."""
    directive, is_new = await receive_directive(session, caller, payload)
    return await written(DIRECTIVES, session, caller, directive.id, 201 if is_new else 200)
