"""Routes of scores."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.appraisal.cycles.errors import CycleNotFound
from services.appraisal.cycles.queries import ExistingCycle, shared_state
from services.appraisal.cycles.states import SCORES_OPEN, WritingClosed, require_open
from services.appraisal.participants.queries import IN_CALLERS_SCHOOLS
from services.appraisal.scores.models import ScoreRead, ScoresPut
from services.appraisal.scores.queries import SCORES
from services.chassis.core.errors import NotFound, documents
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection
from services.chassis.exports.answers import Lists, query_of
from services.chassis.http.preconditions import require_match
from services.chassis.lists.listing import PageParams

router = APIRouter(prefix="/v1/cycles/{cycle_id}/scores", tags=["scores 评分"])

CanRead = Annotated[Caller, allow("scores:read")]
CanWrite = Annotated[Caller, allow("scores:write")]


_ON_ROSTER = (
    "select true from participant p where p.bureau_code = $1 and p.cycle_id = $2 "
    f"and p.staff_no = $3 and {IN_CALLERS_SCHOOLS}"
)
_LOCK = (
    "select version from score where bureau_code = $1 and cycle_id = $2 and staff_no = $3 "
    "for update"
)
_PUT = """
insert into score as s (bureau_code, cycle_id, staff_no, virtue, ability, diligence, achievement,
    integrity)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (bureau_code, cycle_id, staff_no) do update set virtue = excluded.virtue,
    ability = excluded.ability, diligence = excluded.diligence,
    achievement = excluded.achievement, integrity = excluded.integrity,
    version = s.version + 1, updated_at = now()
where (s.virtue, s.ability, s.diligence, s.achievement, s.integrity) is distinct from
    (excluded.virtue, excluded.ability, excluded.diligence, excluded.achievement,
    excluded.integrity)
"""


class NotOnRoster(NotFound):
    """The person is not a participant, or outside the caller's scope."""

    code = "appraisal.not_on_roster"
    title = Text("不在考核名册", "Not on the roster")
    detail = Text("工号 {staff_no} 不在考核名册。", "{staff_no} is not on the roster.")


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
    require_open(await shared_state(connection, caller, cycle_id), SCORES_OPEN)
    key = (caller.bureau_code, cycle_id, staff_no)
    if not await connection.fetchval(_ON_ROSTER, *key):
        raise NotOnRoster(staff_no=staff_no)
    require_match(await connection.fetchval(_LOCK, *key))
    await connection.execute(_PUT, *key, *payload.model_dump().values())
    return await SCORES.one(connection, caller, "s.cycle_id = {} and s.staff_no = {}", *key[1:])
