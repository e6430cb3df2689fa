"""Naming respondents: checked against the registry first, frozen on the case then."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.cases.errors import NotEditable, RespondentNotFound, RespondentTaken
from services.accountability.cases.history import Actor, record
from services.accountability.cases.models import Case, Respondent
from services.accountability.cases.queries import lock_case, respondents_of
from services.accountability.cases.recusal import self_faults
from services.accountability.cases.rows import WORKED_ON
from services.accountability.cases.schemas import RespondentCreate
from services.accountability.cases.transitions import RESPONDENTS_OPEN
from services.accountability.registry import Person, Registry
from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import raw
from services.chassis.exports.withdrawing import withdraw_exports

_UNKNOWN = Text("没有这位教职工：{value}", "No such member of staff: {value}")
_REPEATED = Text("重复的工号：{value}", "Repeated staff number: {value}")


async def identify(
    registry: Registry, caller: Caller, named: Sequence[RespondentCreate], on: date
) -> dict[str, Person]:
    """The persons of the registry that `named` asks for; outside any transaction.

    Raises:
        Invalid: `staff.unknown`, `staff.repeated`, `respondent.self` or `respondent.maybe_self`,
            for each of them.
        UpstreamUnavailable: the registry gives no answer.
    """
    numbers = [one.staff_no for one in named]
    people = {}
    if numbers:
        people = await registry.people(
            caller.bureau_code, numbers, on, with_restricted=caller.may("staff:pii")
        )
    # Other schools' staff are not there for an account that is limited to schools.
    people = {
        no: one
        for no, one in people.items()
        if WORKED_ON.admits(caller, school_code=one.school_code)
    }
    faults = []
    for index, staff_no in enumerate(numbers):
        pointer, params = f"/respondents/{index}/staff_no", {"value": staff_no}
        if staff_no in numbers[:index]:
            faults.append(Fault(pointer, "staff.repeated", _REPEATED, params))
        elif staff_no not in people:
            faults.append(Fault(pointer, "staff.unknown", _UNKNOWN, params))
    faults += self_faults(caller, numbers, people)
    if faults:
        raise Invalid(faults)
    return people


async def attach(
    session: AsyncSession, case: Case, named: Sequence[RespondentCreate], people: dict[str, Person]
) -> None:
    """Freeze identified persons on a case, and take back from them what exports show of it."""
    if not named:
        return
    for one in named:
        person = people[one.staff_no]
        session.add(
            Respondent(
                bureau_code=case.bureau_code,
                case_id=case.id,
                staff_no=person.staff_no,
                responsibility=one.responsibility,
                name=person.name,
                school_code=person.school_code,
                works_at=sorted(person.works_at),
            )
        )
    schools = frozenset[str]().union(*(one.works_at for one in people.values()))
    await withdraw_exports(await raw(session), case.bureau_code, people, schools)


async def add_respondents(
    session: AsyncSession,
    caller: Caller,
    actor: Actor,
    case_id: UUID,
    named: Sequence[RespondentCreate],
    people: dict[str, Person],
) -> Case:
    """Name identified persons in a case.

    Raises:
        CaseNotFound: no such case in the caller's scope.
        NotEditable: the case is past naming.
        RespondentTaken: somebody is named already.
    """
    case = await _open_case(session, caller, case_id)
    present = await respondents_of(session, case)
    if taken := [one.staff_no for one in named if one.staff_no in present]:
        raise RespondentTaken(staff_nos=", ".join(taken))
    await attach(session, case, named, people)
    await record(session, case, actor, "add_respondents", staff_nos=[r.staff_no for r in named])
    return case


async def remove_respondent(
    session: AsyncSession, caller: Caller, actor: Actor, case_id: UUID, staff_no: str
) -> Case:
    """Take a person off a case.

    Raises:
        CaseNotFound: no such case in the caller's scope.
        NotEditable: the case is past naming.
        RespondentNotFound: the person is not named in it.
    """
    case = await _open_case(session, caller, case_id)
    respondent = (await respondents_of(session, case)).get(staff_no)
    if respondent is None:
        raise RespondentNotFound(key=staff_no)
    await session.delete(respondent)
    await record(session, case, actor, "remove_respondent", staff_no=staff_no)
    return case


async def _open_case(session: AsyncSession, caller: Caller, case_id: UUID) -> Case:
    case = await lock_case(session, caller, case_id)
    if case.state not in RESPONDENTS_OPEN:
        raise NotEditable(state=case.state, open=", ".join(sorted(RESPONDENTS_OPEN)))
    return case
