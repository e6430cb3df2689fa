"""Visibility, listing and locking of schools."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from services.chassis.database.auth import Caller
from services.chassis.lists.expansions import Expansion
from services.chassis.lists.listing import Listing
from services.chassis.lists.pinyin.named import NameSearch
from services.chassis.lists.row_rules import WHOLE_BUREAU, of_schools
from services.chassis.lists.row_scopes import RowScope
from services.schools.schools.errors import SchoolNotFound
from services.schools.schools.models import School, SchoolRead
from services.schools.schools.scopes import SchoolScope

SCHOOL_ROWS = RowScope("school", {"bureau": WHOLE_BUREAU, "schools": of_schools()})

SCHOOLS = Listing(
    "schools",
    SchoolRead,
    "school",
    SCHOOL_ROWS,
    search=NameSearch(anywhere=True),
    sorts=("school_code", "name", "created_at", "updated_at", "enrolment", "opened_on"),
    missing=SchoolNotFound,
)
# The school in a row with its code: `expand=school`.
SCHOOL = Expansion(SCHOOLS, "school_code", SchoolScope.READ, "学校")


async def find_school(session: AsyncSession, caller: Caller, school_code: str) -> School | None:
    """The school, locked for a change, if it exists in the caller's scope."""
    statement = select(School).where(
        School.school_code == school_code, SCHOOL_ROWS.criterion(caller, School)
    )
    found = await session.execute(statement.with_for_update())
    return found.scalar_one_or_none()


async def lock_known(session: AsyncSession, caller: Caller, codes: Iterable[str]) -> set[str]:
    """The existing ones of these schools in the caller's scope, locked against changes."""
    statement = select(School.school_code).where(
        col(School.school_code).in_(sorted({*codes})), SCHOOL_ROWS.criterion(caller, School)
    )
    locked = statement.order_by(School.school_code).with_for_update(read=True)
    return {*(await session.execute(locked)).scalars()}
