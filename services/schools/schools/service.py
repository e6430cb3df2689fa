"""Rules and writes of schools."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import unique_or
from services.chassis.http.preconditions import require_match
from services.chassis.schemas.validation import validated
from services.schools.schools.errors import SchoolCodeTaken, SchoolNotFound
from services.schools.schools.models import School, SchoolCreate
from services.schools.schools.queries import find_school

_UNKNOWN = Text("没有这所学校：{value}", "Unknown school: {value}")


async def create_school(session: AsyncSession, caller: Caller, payload: SchoolCreate) -> School:
    """Add a school to the caller's bureau.

    Raises:
        SchoolCodeTaken: the code is in use, in any bureau.
        Invalid: the parent school is unknown.
    """
    await _require_parent(session, caller, payload.parent_code)
    school = School(**payload.model_dump(), bureau_code=caller.bureau_code)
    async with unique_or(session, SchoolCodeTaken(school_code=payload.school_code)):
        session.add(school)
    return school


async def put_school(
    session: AsyncSession, caller: Caller, payload: SchoolCreate
) -> tuple[School, bool]:
    """Create the school, or give it exactly these values; second value: whether it is new."""
    school = await find_school(session, caller, payload.school_code)
    require_match(school.version if school else None)
    if school is None:
        try:
            async with session.begin_nested():
                return await create_school(session, caller, payload), True
        except SchoolCodeTaken:
            # Put twice at once: the other one was first. (Or the code is another bureau's.)
            school = await find_school(session, caller, payload.school_code)
            if school is None:
                raise
            require_match(school.version)
    await _require_parent(session, caller, payload.parent_code)
    school.sqlmodel_update(payload.model_dump())
    return school, False


async def patch_school(
    session: AsyncSession, caller: Caller, school: School, changes: dict[str, Any]
) -> School:
    """Change some fields; the whole must still be a valid school.

    Raises:
        Invalid: the result breaks a rule between fields, or the new parent school is unknown.
    """
    fields = SchoolCreate.model_fields
    merged = {name: getattr(school, name) for name in fields} | changes
    validated(SchoolCreate, merged)
    await _require_parent(session, caller, changes.get("parent_code"))
    school.sqlmodel_update(changes)
    return school


async def get_school(session: AsyncSession, caller: Caller, school_code: str) -> School:
    """The school in the caller's scope, locked, as the request expects it.

    Raises:
        SchoolNotFound: there is none.
        RowChanged: it is not at the version of `If-Match`.
    """
    school = await find_school(session, caller, school_code)
    if school is None:
        raise SchoolNotFound(key=school_code)
    require_match(school.version)
    return school


def unknown_parent(parent_code: str) -> Invalid:
    """The problem of a school whose parent school does not exist in the caller's scope."""
    return Invalid([Fault("/parent_code", "school.unknown", _UNKNOWN, {"value": parent_code})])


async def _require_parent(session: AsyncSession, caller: Caller, parent_code: str | None) -> None:
    if parent_code and await find_school(session, caller, parent_code) is None:
        raise unknown_parent(parent_code)
