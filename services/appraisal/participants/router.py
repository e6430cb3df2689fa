"""Routes of participants."""

from typing import Annotated

from fastapi import APIRouter, Response

from services.appraisal.cycles.errors import CycleNotFound
from services.appraisal.cycles.queries import ExistingCycle
from services.appraisal.participants.queries import PARTICIPANTS
from services.appraisal.participants.scopes import ParticipantScope
from services.chassis.core.errors import documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.listing import PageParams

TAG = Tag("participants", Text("考核名册", "Rosters of appraisal years"))
router = APIRouter(prefix="/v1/cycles/{cycle_id}/participants", tags=[TAG])

CanRead = Annotated[Caller, allow(ParticipantScope.READ)]


@router.get(
    "",
    summary="List or export the roster (考核名册)",
    response_model=PARTICIPANTS.page_schema,
    responses=documents(CycleNotFound),
)
async def list_participants(
    params: Annotated[PageParams, query_of(PARTICIPANTS)],
    caller: CanRead,
    cycle_id: ExistingCycle,
    lists: Lists,
) -> Response:
    """All participants, as frozen when the cycle opened."""
    return await lists.answer(PARTICIPANTS, caller, params, {"cycle_id": cycle_id})
