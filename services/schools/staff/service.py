"""Rules and writes of staff."""

from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import unique_or
from services.chassis.http.preconditions import require_match
from services.chassis.schemas.id_numbers.parts import birth_date_of
from services.chassis.schemas.validation import validated
from services.schools.schools.queries import find_school
from services.schools.staff.errors import StaffNotFound, StaffRestricted, StaffTaken
from services.schools.staff.models import Staff, StaffCreate, StaffDetails
from services.schools.staff.numbers import Numbers
from services.schools.staff.queries import STAFF_ROWS, sees_birth_dates
from services.schools.staff.rules import OLD_ENOUGH

_UNKNOWN = Text("没有这所学校：{value}", "Unknown school: {value}")


async def create_staff(
    session: AsyncSession, caller: Caller, payload: StaffCreate, numbers: Numbers
) -> Staff:
    """Register a member of staff.

    Raises:
        StaffTaken: the staff number is registered in this bureau, or the ID number, which
            is shown only to callers with `staff:pii`.
        Invalid: the school is unknown.
    """
    await numbers.look_up(session, [payload.id_number])
    await _require_school(session, caller, payload.school_code)
    columns = details_of(payload) | {"bureau_code": caller.bureau_code}
    return await numbers.create(session, columns, payload.id_number)


async def put_staff(
    session: AsyncSession, caller: Caller, payload: StaffCreate, numbers: Numbers
) -> tuple[Staff, bool]:
    """Register the person, or give exactly these values; second value: whether new."""
    staff = await _find(session, caller, payload.staff_no)
    require_match(staff.version if staff else None)
    if staff is None:
        try:
            async with session.begin_nested():
                return await create_staff(session, caller, payload, numbers), True
        except StaffTaken:
            # Put twice at once: the other one was first. (Or the ID number is someone else's.)
            staff = await _find(session, caller, payload.staff_no)
            if staff is None:
                raise
            require_match(staff.version)
    await _require_school(session, caller, payload.school_code)
    async with unique_or(session, StaffTaken(staff_no=payload.staff_no)):
        staff.sqlmodel_update(details_of(payload))
        numbers.change(staff, payload.id_number)
    return staff, False


async def patch_staff(
    session: AsyncSession, caller: Caller, staff_no: str, changes: dict[str, Any], numbers: Numbers
) -> Staff:
    """Change some fields; the whole must still be valid.

    Raises:
        StaffNotFound: no such person in the caller's scope.
        Invalid: the result breaks a rule.
        StaffTaken: the new ID number is someone else's (only for callers with `staff:pii`).
        StaffRestricted: the record is only kept.
    """
    staff = await _find(session, caller, staff_no)
    if staff is None:
        raise StaffNotFound(key=staff_no)
    require_match(staff.version)
    number = changes.pop("id_number", None)
    stored = {name: getattr(staff, name) for name in StaffDetails.model_fields}
    details = validated(StaffDetails, stored | changes)
    if number is not None or "employed_on" in changes:
        _require_age(caller, staff, number, changes.get("employed_on"))
    await _require_school(session, caller, details.school_code)
    async with unique_or(session, StaffTaken(staff_no=staff_no)):
        staff.sqlmodel_update(details_of(details))
        if number is not None:
            numbers.change(staff, number)
    return staff


def details_of(payload: StaffDetails) -> dict[str, Any]:
    """The stored columns of a member of staff, except those of the ID number."""
    return payload.model_dump(include=set(StaffDetails.model_fields))


def _require_age(
    caller: Caller, staff: Staff, number: str | None, employed_on: date | None
) -> None:
    """Refuse employment before the age of work.

    Of the two values, one that is not given is the stored one, if the caller may know it.
    """
    are_given = number is not None and employed_on is not None
    if not are_given and not sees_birth_dates(caller):
        return
    born = birth_date_of(number) if number is not None else staff.birth_date
    if fault := OLD_ENOUGH.fault(employed_on or staff.employed_on, born):
        raise Invalid([fault])


async def _find(session: AsyncSession, caller: Caller, staff_no: str) -> Staff | None:
    """The person, locked to be written; None when there is none in the caller's scope.

    Raises:
        StaffRestricted: the law only lets the record be kept.
    """
    statement = select(Staff).where(Staff.staff_no == staff_no, STAFF_ROWS.criterion(caller, Staff))
    found = await session.execute(statement.with_for_update())
    staff = found.scalar_one_or_none()
    if staff is not None and staff.restricted_at is not None:
        raise StaffRestricted(staff_no=staff_no)
    return staff


def unknown_school(school_code: str) -> Invalid:
    """The problem of somebody whose school does not exist in the caller's scope."""
    return Invalid([Fault("/school_code", "school.unknown", _UNKNOWN, {"value": school_code})])


async def _require_school(session: AsyncSession, caller: Caller, school_code: str) -> None:
    if await find_school(session, caller, school_code) is None:
        raise unknown_school(school_code)
