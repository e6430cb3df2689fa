"""Batches of new schools, checked and inserted as a set."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.core.errors import AppError
from services.chassis.database.auth import Caller
from services.chassis.database.db import as_service, raw
from services.chassis.lists.batches import BatchWritten, insert_all, require_faultless
from services.chassis.lists.pinyin.named import name_columns
from services.schools.schools.errors import SchoolCodeTaken
from services.schools.schools.models import School, SchoolCreate
from services.schools.schools.queries import SCHOOL_ROWS, lock_known
from services.schools.schools.service import unknown_parent


async def create_schools(
    session: AsyncSession, caller: Caller, items: Sequence[SchoolCreate]
) -> BatchWritten:
    """Create schools in the caller's bureau; a parent school may precede its teaching points.

    Raises:
        Invalid: a parent school is unknown.
        BatchConflict: a code is in use, in any bureau, or occurs twice.
    """
    require_faultless(await _wrong(session, caller, items))
    rows = [
        item.model_dump(mode="json") | name_columns(item.name) | {"bureau_code": caller.bureau_code}
        for item in items
    ]
    return await insert_all(session, School, rows, lambda n: _taken(items[n]))


async def _wrong(
    session: AsyncSession, caller: Caller, items: Sequence[SchoolCreate]
) -> list[tuple[int, AppError]]:
    """Faults of each item, as if they were created one after the other."""
    known = await lock_known(session, caller, (i.parent_code for i in items if i.parent_code))
    used = await _in_use(session, [item.school_code for item in items])
    found: list[tuple[int, AppError]] = []
    for position, item in enumerate(items):
        if item.parent_code and item.parent_code not in known:
            found.append((position, unknown_parent(item.parent_code)))
        elif item.school_code in used:
            found.append((position, _taken(item)))
        else:
            used.add(item.school_code)
            if SCHOOL_ROWS.admits(caller, school_code=item.school_code):
                known.add(item.school_code)
    return found


async def _in_use(session: AsyncSession, codes: Sequence[str]) -> set[str]:
    """The codes that exist in any bureau; codes are unique across bureaus."""
    async with as_service(await raw(session)) as connection:
        rows = await connection.fetch(
            "select school_code from school where school_code = any($1)", codes
        )
    return {row["school_code"] for row in rows}


def _taken(item: SchoolCreate) -> SchoolCodeTaken:
    return SchoolCodeTaken(school_code=item.school_code)
