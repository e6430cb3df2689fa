"""Checks of an assignment against the register and the person's other assignments."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, or_, select

from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.schools.assignments.errors import AssignmentOverlaps
from services.schools.assignments.models import Assignment, AssignmentCreate
from services.schools.assignments.queries import select_visible
from services.schools.schools.models import School
from services.schools.schools.queries import SCHOOL_ROWS
from services.schools.staff.models import Staff

_NOBODY = Text("没有这位教职工：{value}", "Unknown member of staff: {value}")
_NO_SCHOOL = Text("没有这所学校：{value}", "Unknown school: {value}")
_GONE = Text(
    "开始日期 {starts_on} 晚于此人的离职日期 {left_on}",
    "The first day, {starts_on}, is after the person's last day, {left_on}",
)


async def require_fit(
    session: AsyncSession,
    caller: Caller,
    payload: AssignmentCreate,
    person: Staff | None,
    itself: Assignment | None = None,
) -> None:
    """Check what an assignment is to be, in place of `itself` if there is one already.

    Raises:
        Invalid: the register does not know the person or the school, or the person has left.
        AssignmentOverlaps: the person has this role there at that time.
    """
    is_school = await _is_school(session, caller, payload.school_code)
    if faults := list(_misfits(payload, person, is_school=is_school)):
        raise Invalid(faults)
    others = select_visible(caller).where(
        Assignment.staff_no == payload.staff_no,
        Assignment.school_code == payload.school_code,
        Assignment.role == payload.role,
        col(Assignment.starts_on) <= (payload.ends_on or date.max),
        or_(col(Assignment.ends_on).is_(None), col(Assignment.ends_on) >= payload.starts_on),
    )
    if itself is not None:
        others = others.where(Assignment.id != itself.id)
    found = await session.execute(others.order_by(col(Assignment.starts_on)).limit(1))
    if other := found.scalar_one_or_none():
        raise AssignmentOverlaps(
            staff_no=other.staff_no,
            school_code=other.school_code,
            starts_on=other.starts_on,
            ends_on=other.ends_on or "—",
        )


async def _is_school(session: AsyncSession, caller: Caller, school_code: str) -> bool:
    """Whether the caller may assign people to this school; unlocked, since no school vanishes."""
    statement = select(School.id).where(
        School.school_code == school_code, SCHOOL_ROWS.criterion(caller, School)
    )
    return (await session.execute(statement)).first() is not None


def _misfits(
    payload: AssignmentCreate, person: Staff | None, *, is_school: bool
) -> Iterator[Fault]:
    """Faults of an assignment according to the register."""
    if person is None:
        yield Fault("/staff_no", "staff.unknown", _NOBODY, {"value": payload.staff_no})
    elif person.left_on and payload.starts_on > person.left_on:
        params = {"left_on": f"{person.left_on}", "starts_on": f"{payload.starts_on}"}
        yield Fault("/starts_on", "starts_on.after_leaving", _GONE, params)
    if not is_school:
        yield Fault("/school_code", "school.unknown", _NO_SCHOOL, {"value": payload.school_code})
