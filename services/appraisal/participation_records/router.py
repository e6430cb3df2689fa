"""Routes of participation records."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.appraisal.cycles.errors import CycleNotFound
from services.appraisal.cycles.queries import ExistingCycle
from services.appraisal.cycles.states import WritingClosed
from services.appraisal.participation_records import service
from services.appraisal.participation_records.queries import PARTICIPATION_RECORDS
from services.appraisal.participation_records.scopes import ParticipationRecordScope
from services.chassis.core.errors import NotFound, documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.listing import PageParams

TAG = Tag(
    "participation records",
    Text("参加考核情况", "Leave and other facts that bear on participation"),
)
router = APIRouter(
    prefix="/v1/cycles/{cycle_id}/participation-records",
    tags=[TAG],
)

CanRead = Annotated[Caller, allow(ParticipationRecordScope.READ)]
CanWrite = Annotated[Caller, allow(ParticipationRecordScope.WRITE)]


@router.get(
    "",
    summary="List or export participation records (参加考核情况)",
    response_model=PARTICIPATION_RECORDS.page_schema,
    responses=documents(CycleNotFound),
)
async def list_participation_records(
    params: Annotated[PageParams, query_of(PARTICIPATION_RECORDS)],
    caller: CanRead,
    cycle_id: ExistingCycle,
    lists: Lists,
) -> Response:
    """Leave, secondments and similar records of the cycle's participants."""
    return await lists.answer(PARTICIPATION_RECORDS, caller, params, {"r.cycle_id": cycle_id})


@router.delete(
    "/{participation_record_id}",
    summary="Delete a participation record (删除参加考核情况)",
    status_code=204,
    responses=documents(NotFound, WritingClosed),
)
async def delete_participation_record(
    cycle_id: UUID, participation_record_id: UUID, caller: CanWrite, connection: Connection
) -> None:
    """Delete a participation record recorded by mistake."""
    await service.delete_participation_record(connection, caller, cycle_id, participation_record_id)
