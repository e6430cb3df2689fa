"""Opening a case and correcting its texts."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.cases.errors import CaseNoTaken, NotEditable
from services.accountability.cases.history import Actor, record
from services.accountability.cases.models import FOUND_IN_TIME, Case
from services.accountability.cases.numbering import next_case_no
from services.accountability.cases.queries import lock_case
from services.accountability.cases.respondents import attach
from services.accountability.cases.rows import WORKED_ON
from services.accountability.cases.schemas import CaseCreate
from services.accountability.cases.transitions import CASE_PROCEDURE, TEXTS_OPEN
from services.accountability.registry import Person, Registry
from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller

OUT_OF_SCOPE = Text("学校 {value} 不在您的范围内", "School {value} is not one of yours")
UNKNOWN_SCHOOL = Text("没有这所学校：{value}", "Unknown school: {value}")


async def identify_school(registry: Registry, caller: Caller, school_code: str) -> str:
    """The name of a school the caller may open cases on; outside any transaction.

    Raises:
        Invalid: `school.unknown` or `school.out_of_scope`.
        UpstreamUnavailable: the registry gives no answer.
    """
    params = {"value": school_code}
    if not WORKED_ON.admits(caller, school_code=school_code):
        raise Invalid([Fault("/school_code", "school.out_of_scope", OUT_OF_SCOPE, params)])
    name = await registry.school_name(caller.bureau_code, school_code)
    if name is None:
        raise Invalid([Fault("/school_code", "school.unknown", UNKNOWN_SCHOOL, params)])
    return name


async def create_case(
    session: AsyncSession,
    caller: Caller,
    actor: Actor,
    payload: CaseCreate,
    school_name: str,
    people: dict[str, Person],
) -> Case:
    """Open a lead, with those already known to be responsible.

    Raises:
        CaseNoTaken: the number is in use in this bureau.
        Invalid: it is found on a day that has not come.
    """
    _require_found(payload.found_on, actor)
    values = payload.model_dump(exclude={"case_no", "respondents"}) | {
        "bureau_code": caller.bureau_code,
        "school_name": school_name,
        "state": CASE_PROCEDURE.initial,
        "opened_by": caller.subject,
    }
    if payload.case_no:
        case = await _insert(session, values | {"case_no": payload.case_no})
    else:
        case = await _insert_numbered(session, values, actor.at.year)
    if case is None:
        raise CaseNoTaken(case_no=payload.case_no)
    await attach(session, case, payload.respondents, people)
    named = [one.staff_no for one in payload.respondents]
    await record(session, case, actor, "open", staff_nos=named)
    return case


def _require_found(day: date | None, actor: Actor) -> None:
    if fault := FOUND_IN_TIME.fault(day, actor.at.date()):
        raise Invalid([fault])


async def _insert(session: AsyncSession, values: dict[str, Any]) -> Case | None:
    """The new case; None when its number is taken, also by a case the caller cannot see."""
    statement = insert(Case).values(values).on_conflict_do_nothing().returning(Case)
    return (await session.execute(statement)).scalar_one_or_none()


async def _insert_numbered(session: AsyncSession, values: dict[str, Any], year: int) -> Case:
    """The new case under the next free number; those that callers chose are passed over."""
    while True:
        case_no = await next_case_no(session, values["bureau_code"], year)
        if case := await _insert(session, values | {"case_no": case_no}):
            return case


async def patch_case(
    session: AsyncSession, caller: Caller, actor: Actor, case_id: UUID, changes: dict[str, Any]
) -> Case:
    """Correct the texts of a case that is a lead or filed.

    Raises:
        CaseNotFound: no such case in the caller's scope.
        NotEditable: the case is past correcting.
        Invalid: it is found on a day that has not come.
    """
    _require_found(changes.get("found_on"), actor)
    case = await lock_case(session, caller, case_id)
    if case.state not in TEXTS_OPEN:
        raise NotEditable(state=case.state, open=", ".join(sorted(TEXTS_OPEN)))
    changed = {name: value for name, value in changes.items() if getattr(case, name) != value}
    if changed:
        before = {name: str(getattr(case, name)) for name in changed}
        case.sqlmodel_update(changed)
        await record(session, case, actor, "update", before=before)
    return case
