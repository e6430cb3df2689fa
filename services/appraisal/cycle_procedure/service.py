"""Rules and writes of cycles: creation and the verbs that need no determination."""

from datetime import date
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, delete, select

from services.appraisal.calendar.working_days import TOO_FEW, BureauCalendar
from services.appraisal.cycle_procedure.roster import Roster, freeze_roster
from services.appraisal.cycles.errors import CycleExists
from services.appraisal.cycles.models import Cycle, CycleCreate
from services.appraisal.cycles.queries import lock_cycle, next_state, version_of
from services.appraisal.cycles.states import CYCLE_PROCEDURE
from services.appraisal.results.models import Result, SchoolQuota
from services.appraisal.rule_sets.queries import get_rule_set
from services.appraisal.rule_sets.rules import Rules
from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.clock import Clock
from services.chassis.database.db import Database, raw, unique_or
from services.chassis.http.preconditions import require_match
from services.chassis.procedures.sql import require_allowed


async def create_cycle(session: AsyncSession, caller: Caller, payload: CycleCreate) -> Cycle:
    """Prepare a year's appraisal.

    Raises:
        CycleExists: the bureau has a cycle of this year.
        RuleSetNotFound: the rule set does not exist.
    """
    await get_rule_set(session, caller, payload.rule_set)
    cycle = Cycle(**payload.model_dump(), bureau_code=caller.bureau_code)
    async with unique_or(session, CycleExists(year=payload.year)):
        session.add(cycle)
    return cycle


async def require_openable(database: Database, caller: Caller, cycle_id: UUID) -> None:
    """Refuse at once what cannot be opened, before the registry is asked.

    Raises:
        CycleNotFound: the bureau has no such cycle.
        RowChanged: the cycle is not at the version of `If-Match`.
        TransitionRefused: the cycle is not a draft.
    """
    async with database.session(caller) as session:
        require_match(await version_of(session, caller, cycle_id))
        await require_allowed(await raw(session), CYCLE_PROCEDURE, cycle_id, "open")


async def open_cycle(
    session: AsyncSession, caller: Caller, cycle_id: UUID, clock: Clock, roster: Roster
) -> Cycle:
    """Freeze the rule set and the roster: from here on both stay as they are.

    Raises:
        CycleNotFound, RowChanged, TransitionRefused: as before the roster was fetched.
        RosterEmpty: there is nobody to appraise; nothing changed.
    """
    cycle = await lock_cycle(session, caller, cycle_id)
    require_match(cycle.version)
    cycle.state = await next_state(session, cycle, "open")
    cycle.rules = (await get_rule_set(session, caller, cycle.rule_set)).rules.model_dump(
        mode="json"
    )
    cycle.opened_at = await clock.now()
    await session.flush()
    await freeze_roster(await raw(session), cycle, roster)
    return cycle


async def start_scoring(session: AsyncSession, cycle: Cycle) -> Cycle:
    """Let scores be recorded.

    Raises:
        TransitionRefused: the cycle is not open.
    """
    cycle.state = await next_state(session, cycle, "start-scoring")
    return cycle


async def reopen_cycle(session: AsyncSession, cycle: Cycle) -> Cycle:
    """Return from determined to scoring: results are discarded, records and scores can change.

    Raises:
        TransitionRefused: not determined.
    """
    cycle.state = await next_state(session, cycle, "reopen")
    cycle.determined_at, cycle.is_stale = None, False
    highest = select(func.max(Result.version)).where(col(Result.cycle_id) == cycle.id)
    cycle.results_version = await session.scalar(highest) or cycle.results_version
    await session.execute(delete(Result).where(col(Result.cycle_id) == cycle.id))
    await session.execute(delete(SchoolQuota).where(col(SchoolQuota.cycle_id) == cycle.id))
    return cycle


async def publish_notice(
    session: AsyncSession, cycle: Cycle, clock: Clock, from_on: date | None, to_on: date | None
) -> Cycle:
    """Publish the names proposed as 优秀 for at least the working days that the rules require.

    Args:
        session: the request's transaction.
        cycle: locked.
        clock: the platform's clock.
        from_on: first day, today when absent.
        to_on: last day, the earliest lawful one when absent.

    Raises:
        TransitionRefused: not determined.
        ResultsStale: a directive arrived after determination.
        Invalid: the period begins in the past or is too short, or the bureau never works.
    """
    state = await next_state(session, cycle, "publish-notice")
    today = await clock.today()
    required = Rules.model_validate(cycle.rules).public_notice_working_days
    calendar = await BureauCalendar.load(await raw(session), cycle.bureau_code)
    from_on = from_on or today
    to_on = to_on or _earliest_end(calendar, from_on, required)
    faults = []
    if from_on < today:
        message = Text("公示不能从过去开始", "The public notice cannot begin in the past")
        faults.append(Fault("/from_on", "public_notice.past", message))
    if (days := calendar.count(from_on, to_on)) < required:
        message = Text(
            "公示应不少于 {required} 个工作日，现为 {days} 个",
            "The public notice takes at least {required} working days, not {days}",
        )
        params = {"required": required, "days": days}
        faults.append(Fault("/to_on", "public_notice.too_short", message, params))
    if faults:
        raise Invalid(faults)
    cycle.state, cycle.public_notice_from_on, cycle.public_notice_to_on = state, from_on, to_on
    return cycle


def _earliest_end(calendar: BureauCalendar, from_on: date, required: int) -> date:
    try:
        return calendar.end_of(from_on, required)
    except ValueError as error:
        raise Invalid([Fault("/to_on", "calendar.too_few", TOO_FEW)]) from error


async def withdraw_public_notice(session: AsyncSession, cycle: Cycle) -> Cycle:
    """Withdraw the public notice, so that results can be determined again.

    Raises:
        TransitionRefused: no notice is published.
    """
    cycle.state = await next_state(session, cycle, "withdraw")
    cycle.public_notice_from_on = cycle.public_notice_to_on = None
    return cycle


async def confirm_results(
    session: AsyncSession, cycle: Cycle, caller: Caller, clock: Clock
) -> Cycle:
    """Confirm all results of the year; later decisions open corrections.

    Raises:
        TransitionRefused: no notice is published.
        ResultsStale: a directive arrived meanwhile; withdraw, determine and publish again.
        PublicNoticeRunning: the period is not over.
        PublicNoticeTooShort: days in it were made days off since.
    """
    cycle.state, cycle.confirmed_by = await next_state(session, cycle, "confirm"), caller.name
    cycle.confirmed_at = await clock.now()
    return cycle
