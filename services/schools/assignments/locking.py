"""One writer at a time for the assignments of one person.

Every write first locks the person whom it is about. So what is checked against the person's other
assignments still holds when it is committed, and none of them needs a lock of its own.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from services.chassis.database.auth import Caller
from services.chassis.database.db import as_service, raw
from services.chassis.http.preconditions import require_match
from services.schools.assignments.errors import AssignmentNotFound
from services.schools.assignments.models import Assignment
from services.schools.assignments.queries import select_visible
from services.schools.staff.errors import StaffRestricted
from services.schools.staff.models import Staff
from services.schools.staff.queries import STAFF_ROWS, sees_restricted


async def lock_person(session: AsyncSession, caller: Caller, staff_no: str) -> Staff | None:
    """The person, locked, if the caller may assign this person at all.

    The bureau may assign everyone. A school may assign its own staff, and people who work there
    already although the personnel relation is with another school: the bureau sends them.
    Otherwise a school could learn anybody's name by trying staff numbers.

    Raises:
        StaffRestricted: the law only lets the record be kept, and the caller may know of it.
    """
    statement = select(Staff).where(
        Staff.bureau_code == caller.bureau_code, Staff.staff_no == staff_no
    )
    async with as_service(await raw(session)):
        found = await session.execute(statement.with_for_update())
    person = found.scalar_one_or_none()
    if person is None or not await _is_known(session, caller, person):
        return None
    if person.restricted_at is None:
        return person
    if not sees_restricted(caller):
        return None
    raise StaffRestricted(staff_no=staff_no)


async def lock_assignment(
    session: AsyncSession, caller: Caller, assignment_id: UUID
) -> tuple[Assignment, Staff]:
    """The assignment as the request expects it, and its person, locked.

    Raises:
        AssignmentNotFound: there is none in the caller's scope.
        StaffRestricted: the law only lets the person's record be kept.
        RowChanged: it is not at the version of `If-Match`.
    """
    statement = select_visible(caller).where(Assignment.id == assignment_id)
    # Whose it is never changes; all else is read under the lock.
    found = await session.execute(statement.with_only_columns(col(Assignment.staff_no)))
    staff_no = found.scalar_one_or_none()
    if staff_no is None:
        raise AssignmentNotFound
    person = await lock_person(session, caller, staff_no)
    assignment = (await session.execute(statement)).scalar_one_or_none()
    # Removed meanwhile, or of somebody whose data the caller must not see.
    if assignment is None or person is None:
        raise AssignmentNotFound
    require_match(assignment.version, assignment.id)
    return assignment, person


async def _is_known(session: AsyncSession, caller: Caller, person: Staff) -> bool:
    if STAFF_ROWS.admits(caller, school_code=person.school_code, staff_no=person.staff_no):
        return True
    works_here = select_visible(caller).where(Assignment.staff_no == person.staff_no).limit(1)
    return (await session.execute(works_here)).first() is not None
