"""Routes of participation facts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.appraisal.cycles.errors import CycleNotFound
from services.appraisal.cycles.queries import ExistingCycle
from services.appraisal.cycles.states import WritingClosed
from services.appraisal.facts import service
from services.appraisal.facts.queries import FACTS
from services.chassis.core.errors import NotFound, documents
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.listing import PageParams

router = APIRouter(prefix="/v1/cycles/{cycle_id}/facts", tags=["facts 参加考核情况"])

CanRead = Annotated[Caller, allow("facts:read")]
CanWrite = Annotated[Caller, allow("facts:write")]


@router.get(
    "",
    summary="List or export facts (参加考核情况)",
    response_model=FACTS.page_schema,
    responses=documents(CycleNotFound),
)
async def list_facts(
    params: Annotated[PageParams, query_of(FACTS)],
    caller: CanRead,
    cycle_id: ExistingCycle,
    lists: Lists,
) -> Response:
    """Leave, secondments and similar facts of the cycle's participants."""
    return await lists.answer(FACTS, caller, params, {"f.cycle_id": cycle_id})


@router.delete(
    "/{fact_id}",
    summary="Delete a fact (删除参加考核情况)",
    status_code=204,
    responses=documents(NotFound, WritingClosed),
)
async def delete_fact(
    cycle_id: UUID, fact_id: UUID, caller: CanWrite, connection: Connection
) -> None:
    """Delete a fact recorded by mistake."""
    await service.delete_fact(connection, caller, cycle_id, fact_id)
