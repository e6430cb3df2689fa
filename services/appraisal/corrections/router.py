"""Routes of corrections."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.appraisal.corrections import service
from services.appraisal.corrections.errors import CorrectionNotFound
from services.appraisal.corrections.models import Dismissal
from services.appraisal.corrections.queries import CORRECTIONS
from services.appraisal.corrections.scopes import CorrectionScope
from services.appraisal.corrections.states import CORRECTION_PROCEDURE
from services.chassis.core.errors import documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection, Session
from services.chassis.exports.answers import Lists, query_of
from services.chassis.http.idempotency import NeedsKey
from services.chassis.http.preconditions import MatchRequired, RowChanged
from services.chassis.lists.listing import PageParams
from services.chassis.lists.writing import TheClock, written

TAG = Tag("corrections", Text("更正", "Corrections of results"))
router = APIRouter(prefix="/v1/corrections", tags=[TAG])

CanRead = Annotated[Caller, allow(CorrectionScope.READ)]
CanDecide = Annotated[Caller, allow(CorrectionScope.DECIDE)]


@router.get("", summary="List corrections (更正列表)", response_model=CORRECTIONS.page_schema)
async def list_corrections(
    params: Annotated[PageParams, query_of(CORRECTIONS)],
    caller: CanRead,
    lists: Lists,
) -> Response:
    """Changes of confirmed results that result from decisions, with their outcomes."""
    return await lists.answer(CORRECTIONS, caller, params)


@router.get(
    "/{correction_id}",
    summary="Read a correction (更正)",
    response_model=CORRECTIONS.row_schema,
    responses=documents(CorrectionNotFound),
)
async def read_correction(correction_id: UUID, caller: CanRead, connection: Connection) -> Response:
    """A correction by its id."""
    return await CORRECTIONS.one(connection, caller, "k.id = {}", correction_id)


@router.post(
    "/{correction_id}:apply",
    summary="Apply a correction (同意更正)",
    response_model=CORRECTIONS.row_schema,
    responses=documents(
        CorrectionNotFound, MatchRequired, RowChanged, *CORRECTION_PROCEDURE.problems("apply")
    ),
    dependencies=[NeedsKey],
)
async def apply_correction(
    correction_id: UUID, caller: CanDecide, session: Session, clock: TheClock
) -> Response:
    """Change the confirmed result; the new reason cites the case."""
    correction = await service.lock_correction(session, caller, correction_id)
    await service.apply_correction(session, caller, correction, clock)
    return await written(CORRECTIONS, session, caller, correction.id)


@router.post(
    "/{correction_id}:dismiss",
    summary="Dismiss a correction (不予更正)",
    response_model=CORRECTIONS.row_schema,
    responses=documents(
        CorrectionNotFound, MatchRequired, RowChanged, *CORRECTION_PROCEDURE.problems("dismiss")
    ),
    dependencies=[NeedsKey],
)
async def dismiss_correction(
    correction_id: UUID,
    payload: Dismissal,
    caller: CanDecide,
    session: Session,
    clock: TheClock,
) -> Response:
    """Keep the confirmed result and record the reason."""
    correction = await service.lock_correction(session, caller, correction_id)
    await service.dismiss_correction(session, caller, correction, clock, payload.reason)
    return await written(CORRECTIONS, session, caller, correction.id)
