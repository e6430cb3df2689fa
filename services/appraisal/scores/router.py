"""Routes of scores."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.appraisal.cycles.errors import CycleNotFound
from services.appraisal.cycles.queries import ExistingCycle
from services.appraisal.cycles.states import WritingClosed
from services.appraisal.scores import service
from services.appraisal.scores.errors import NotOnRoster
from services.appraisal.scores.models import ScoreRead, ScoresPut
from services.appraisal.scores.queries import SCORES
from services.appraisal.scores.scopes import ScoreScope
from services.chassis.core.errors import documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.listing import PageParams

TAG = Tag("scores", Text("评分", "Scores by dimension"))
router = APIRouter(prefix="/v1/cycles/{cycle_id}/scores", tags=[TAG])

CanRead = Annotated[Caller, allow(ScoreScope.READ)]
CanWrite = Annotated[Caller, allow(ScoreScope.WRITE)]


@router.get(
    "",
    summary="List or export scores (评分列表)",
    response_model=SCORES.page_schema,
    responses=documents(CycleNotFound),
)
async def list_scores(
    params: Annotated[PageParams, query_of(SCORES)],
    caller: CanRead,
    cycle_id: ExistingCycle,
    lists: Lists,
) -> Response:
    """Scores by dimension of the cycle's participants."""
    return await lists.answer(SCORES, caller, params, {"s.cycle_id": cycle_id})


@router.put(
    "/{staff_no}",
    summary="Record one person's scores (录入评分)",
    response_model=ScoreRead,
    responses=documents(NotOnRoster, WritingClosed),
)
async def put_scores(
    cycle_id: UUID, staff_no: str, payload: ScoresPut, caller: CanWrite, connection: Connection
) -> Response:
    """Record or replace the five scores of a participant."""
    await service.put_scores(connection, caller, cycle_id, staff_no, payload)
    key = (cycle_id, staff_no)
    return await SCORES.one(connection, caller, "s.cycle_id = {} and s.staff_no = {}", *key)
