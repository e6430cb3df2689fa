"""Writes of assignments."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.database.auth import Caller
from services.chassis.http.preconditions import require_match
from services.chassis.schemas.validation import validated
from services.schools.assignments.fitting import require_fit
from services.schools.assignments.locking import lock_assignment, lock_person
from services.schools.assignments.models import KEY, Assignment, AssignmentCreate
from services.schools.assignments.queries import select_visible


async def create_assignment(
    session: AsyncSession, caller: Caller, payload: AssignmentCreate
) -> Assignment:
    """Assign a person to a role at a school.

    Raises:
        Invalid: the register does not know the person or the school, or the person has left.
        StaffRestricted: the person's data are only kept.
        AssignmentOverlaps: the person has this role there at that time.
    """
    person = await lock_person(session, caller, payload.staff_no)
    await require_fit(session, caller, payload, person)
    return await _added(session, caller, payload)


async def put_assignment(
    session: AsyncSession, caller: Caller, payload: AssignmentCreate
) -> tuple[Assignment, bool]:
    """Assign a person, or give exactly these values; second value: whether it is new."""
    person = await lock_person(session, caller, payload.staff_no)
    key = [getattr(Assignment, name) == getattr(payload, name) for name in KEY]
    found = await session.execute(select_visible(caller).where(*key))
    assignment = found.scalar_one_or_none()
    require_match(assignment.version if assignment else None, assignment.id if assignment else None)
    await require_fit(session, caller, payload, person, assignment)
    if assignment is None:
        return await _added(session, caller, payload), True
    assignment.sqlmodel_update(payload.model_dump())
    return assignment, False


async def patch_assignment(
    session: AsyncSession, caller: Caller, assignment_id: UUID, changes: dict[str, Any]
) -> Assignment:
    """Change some fields; the whole must still be a valid assignment.

    Raises:
        AssignmentNotFound: there is none in the caller's scope.
        Invalid: the result breaks a rule.
        StaffRestricted: the person's data are only kept.
        AssignmentOverlaps: it would meet another one.
    """
    assignment, person = await lock_assignment(session, caller, assignment_id)
    stored = {name: getattr(assignment, name) for name in AssignmentCreate.model_fields}
    payload = validated(AssignmentCreate, stored | changes)
    await require_fit(session, caller, payload, person, assignment)
    assignment.sqlmodel_update(changes)
    return assignment


async def delete_assignment(session: AsyncSession, caller: Caller, assignment_id: UUID) -> None:
    """Remove what was recorded by mistake; the change log keeps it.

    Raises:
        AssignmentNotFound: there is none in the caller's scope.
        StaffRestricted: the person's data are only kept.
    """
    assignment, _ = await lock_assignment(session, caller, assignment_id)
    await session.delete(assignment)


async def _added(session: AsyncSession, caller: Caller, payload: AssignmentCreate) -> Assignment:
    assignment = Assignment(**payload.model_dump(), bureau_code=caller.bureau_code)
    session.add(assignment)
    await session.flush()
    return assignment
