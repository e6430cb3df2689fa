"""Routes of participation facts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.appraisal.cycles.errors import CycleNotFound
from services.appraisal.cycles.queries import ExistingCycle, shared_state
from services.appraisal.cycles.states import FACTS_OPEN, WritingClosed, require_open
from services.appraisal.facts.queries import FACTS
from services.appraisal.participants.queries import IN_CALLERS_SCHOOLS
from services.chassis.core.errors import NotFound, documents
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection
from services.chassis.exports.answers import Lists, query_of
from services.chassis.http.preconditions import require_match
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
    require_open(await shared_state(connection, caller, cycle_id), FACTS_OPEN)
    version = await connection.fetchval(
        "select f.version from fact f join participant p using (cycle_id, staff_no) "
        f"where f.id = $1 and f.cycle_id = $2 and {IN_CALLERS_SCHOOLS} and f.bureau_code = $3 "
        "for update of f",
        fact_id,
        cycle_id,
        caller.bureau_code,
    )
    if version is None:
        raise NotFound
    require_match(version)
    await connection.execute("delete from fact where id = $1", fact_id)
