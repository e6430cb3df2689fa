"""Many new members of staff in one request, checked and inserted as a set."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.auth import Caller
from services.chassis.batches import BatchWritten, insert_all, require_faultless
from services.chassis.db import as_service, raw
from services.chassis.errors import AppError
from services.chassis.named import name_columns
from services.chassis.pii import KeyRing
from services.schools.schools.batch import lock_known
from services.schools.staff.errors import StaffTaken
from services.schools.staff.models import Staff, StaffCreate
from services.schools.staff.service import columns_of, unknown_school

_IN_USE = """
select staff_no, id_number_index from staff where bureau_code = $1 and staff_no = any($2)
union all
select staff_no, id_number_index from staff where bureau_code = $1 and id_number_index = any($3)
"""


async def create_staff(
    session: AsyncSession, caller: Caller, items: Sequence[StaffCreate], keys: KeyRing
) -> BatchWritten:
    """Register members of staff.

    Raises:
        Invalid: a school is unknown.
        BatchConflict: a staff number or ID number is registered in this bureau, or occurs twice.
    """
    rows = [
        columns_of(item, keys) | name_columns(item.name) | {"bureau_code": caller.bureau_code}
        for item in items
    ]
    indexes = [row["id_number_index"] for row in rows]
    require_faultless(await _wrong(session, caller, items, indexes))
    return await insert_all(session, Staff, rows, lambda n: _taken(items[n]))


async def _wrong(
    session: AsyncSession, caller: Caller, items: Sequence[StaffCreate], indexes: Sequence[bytes]
) -> list[tuple[int, AppError]]:
    """What is wrong with each item, as if they were created one after the other."""
    known = await lock_known(session, caller, (item.school_code for item in items))
    numbers = [item.staff_no for item in items]
    async with as_service(await raw(session)) as connection:  # also those of other schools
        rows = await connection.fetch(_IN_USE, caller.bureau_code, numbers, indexes)
    used = {value for row in rows for value in (row["staff_no"], row["id_number_index"])}
    found: list[tuple[int, AppError]] = []
    for position, (item, index) in enumerate(zip(items, indexes, strict=True)):
        if item.school_code not in known:
            found.append((position, unknown_school(item.school_code)))
        elif not used.isdisjoint((item.staff_no, index)):
            found.append((position, _taken(item)))
        else:
            used |= {item.staff_no, index}
    return found


def _taken(item: StaffCreate) -> StaffTaken:
    return StaffTaken(staff_no=item.staff_no)
