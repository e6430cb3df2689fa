"""Routes of cycles; state changes are verbs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.appraisal.cycle_procedure import service
from services.appraisal.cycle_procedure.roster import fetched_roster
from services.appraisal.cycle_procedure.schemas import NoticePeriod
from services.appraisal.cycles.errors import (
    CycleExists,
    CycleNotFound,
    RegistryRefused,
    RosterEmpty,
    ScoresMissing,
)
from services.appraisal.cycles.models import CycleCreate
from services.appraisal.cycles.queries import CYCLES, LockedCycle
from services.appraisal.cycles.scopes import CycleScope
from services.appraisal.cycles.states import CYCLE_PROCEDURE
from services.appraisal.determination.service import determine_results
from services.appraisal.rule_sets.errors import RuleSetNotFound
from services.chassis.core.errors import AppError, Invalid, documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Begin, Connection, Session, TheDatabase
from services.chassis.exports.answers import Lists, query_of
from services.chassis.http.idempotency import NeedsKey
from services.chassis.http.preconditions import RowChanged
from services.chassis.lists.listing import PageParams
from services.chassis.lists.writing import TheClock, written
from services.chassis.peers.client import ThePlatform
from services.chassis.peers.http_client import UpstreamUnavailable

TAG = Tag("cycles", Text("考核年度", "Appraisal years and their procedure"))
router = APIRouter(prefix="/v1/cycles", tags=[TAG])

CanRead = Annotated[Caller, allow(CycleScope.READ)]
CanWrite = Annotated[Caller, allow(CycleScope.WRITE)]
CanDetermine = Annotated[Caller, allow(CycleScope.DETERMINE)]
CanConfirm = Annotated[Caller, allow(CycleScope.CONFIRM)]


def _refusals(verb: str, *others: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """The problems of a verb: those that every verb has, those of its guards, and `others`."""
    return documents(CycleNotFound, RowChanged, *CYCLE_PROCEDURE.problems(verb), *others)


@router.get("", summary="List cycles (考核年度列表)", response_model=CYCLES.page_schema)
async def list_cycles(
    params: Annotated[PageParams, query_of(CYCLES)], caller: CanRead, lists: Lists
) -> Response:
    """The bureau's cycles."""
    return await lists.answer(CYCLES, caller, params)


@router.post(
    "",
    summary="Create a cycle (新建考核年度)",
    status_code=201,
    response_model=CYCLES.row_schema,
    responses=documents(CycleExists, RuleSetNotFound),
)
async def create_cycle(payload: CycleCreate, caller: CanWrite, session: Session) -> Response:
    """Create the appraisal of a year as a draft; rules and roster are frozen when it opens."""
    cycle = await service.create_cycle(session, caller, payload)
    return await written(CYCLES, session, caller, cycle.id, 201)


@router.get(
    "/by-key/{year}",
    summary="Read a cycle by year (按年度读取)",
    response_model=CYCLES.row_schema,
    responses=documents(CycleNotFound),
)
async def read_cycle_by_key(year: int, caller: CanRead, connection: Connection) -> Response:
    """The bureau's cycle of a year."""
    return await CYCLES.one(connection, caller, "year = {}", year)


@router.get(
    "/{cycle_id}",
    summary="Read a cycle (考核年度)",
    response_model=CYCLES.row_schema,
    responses=documents(CycleNotFound),
)
async def read_cycle(cycle_id: UUID, caller: CanRead, connection: Connection) -> Response:
    """A cycle by its id."""
    return await CYCLES.one(connection, caller, "id = {}", cycle_id)


@router.post(
    "/{cycle_id}:open",
    summary="Open: freeze rules and roster (启动考核)",
    response_model=CYCLES.row_schema,
    responses=_refusals("open", RosterEmpty, RegistryRefused, UpstreamUnavailable),
    dependencies=[NeedsKey],
)
async def open_cycle(
    cycle_id: UUID,
    caller: CanWrite,
    clock: TheClock,
    database: TheDatabase,
    begin: Begin,
    platform: ThePlatform,
) -> Response:
    """Freeze the rule set, and everyone employed on the period's last day as participants."""
    await service.require_openable(database, caller, cycle_id)
    folder = database.settings.scratch_dir
    async with fetched_roster(platform, caller.bureau_code, folder) as roster, begin() as session:
        cycle = await service.open_cycle(session, caller, cycle_id, clock, roster)
        return await written(CYCLES, session, caller, cycle.id)


@router.post(
    "/{cycle_id}:start-scoring",
    summary="Start scoring (开始评分)",
    response_model=CYCLES.row_schema,
    responses=_refusals("start-scoring"),
    dependencies=[NeedsKey],
)
async def start_scoring(caller: CanWrite, cycle: LockedCycle, session: Session) -> Response:
    """Start scoring; scores can be recorded from now on."""
    await service.start_scoring(session, cycle)
    return await written(CYCLES, session, caller, cycle.id)


@router.post(
    "/{cycle_id}:determine",
    summary="Determine all results (确定档次)",
    response_model=CYCLES.row_schema,
    responses=_refusals("determine", ScoresMissing),
    dependencies=[NeedsKey],
)
async def determine(
    caller: CanDetermine, cycle: LockedCycle, session: Session, clock: TheClock
) -> Response:
    """Determine the results of the whole bureau in one operation, with reasons; repeatable."""
    await determine_results(session, cycle, clock)
    return await written(CYCLES, session, caller, cycle.id)


@router.post(
    "/{cycle_id}:reopen",
    summary="Reopen scoring (退回评分)",
    response_model=CYCLES.row_schema,
    responses=_refusals("reopen"),
    dependencies=[NeedsKey],
)
async def reopen_cycle(caller: CanWrite, cycle: LockedCycle, session: Session) -> Response:
    """Discard the results and allow changes of participation records and scores again."""
    await service.reopen_cycle(session, cycle)
    return await written(CYCLES, session, caller, cycle.id)


@router.post(
    "/{cycle_id}:publish-notice",
    summary="Publish the notice (公示)",
    response_model=CYCLES.row_schema,
    responses=_refusals("publish-notice", Invalid),
    dependencies=[NeedsKey],
)
async def publish_notice(
    caller: CanWrite,
    cycle: LockedCycle,
    session: Session,
    clock: TheClock,
    payload: NoticePeriod | None = None,
) -> Response:
    """Publish the names proposed as 优秀 for at least five working days."""
    period = payload or NoticePeriod(from_on=None, to_on=None)
    await service.publish_notice(session, cycle, clock, period.from_on, period.to_on)
    return await written(CYCLES, session, caller, cycle.id)


@router.post(
    "/{cycle_id}:withdraw",
    summary="Withdraw the public notice (撤回公示)",
    response_model=CYCLES.row_schema,
    responses=_refusals("withdraw"),
    dependencies=[NeedsKey],
)
async def withdraw_public_notice(
    caller: CanWrite, cycle: LockedCycle, session: Session
) -> Response:
    """Return to the state `determined`, so that results can be determined again."""
    await service.withdraw_public_notice(session, cycle)
    return await written(CYCLES, session, caller, cycle.id)


@router.post(
    "/{cycle_id}:confirm",
    summary="Confirm the results (确认结果)",
    response_model=CYCLES.row_schema,
    responses=_refusals("confirm"),
    dependencies=[NeedsKey],
)
async def confirm_results(
    caller: CanConfirm, cycle: LockedCycle, session: Session, clock: TheClock
) -> Response:
    """Confirm the results of the year; later decisions open corrections."""
    await service.confirm_results(session, cycle, caller, clock)
    return await written(CYCLES, session, caller, cycle.id)
