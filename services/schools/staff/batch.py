"""Batches of new members of staff, checked and inserted as a set."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.core.errors import AppError
from services.chassis.database.auth import Caller
from services.chassis.database.db import as_service, raw
from services.chassis.lists.batches import (
    BatchConflict,
    BatchWritten,
    insert_all,
    require_faultless,
)
from services.chassis.lists.pinyin.named import name_columns
from services.schools.schools.queries import lock_known
from services.schools.staff.models import Staff, StaffCreate
from services.schools.staff.numbers import Numbers
from services.schools.staff.service import details_of, unknown_school

_IN_USE = """
select staff_no, id_number_index from staff where bureau_code = $1 and staff_no = any($2)
union all
select staff_no, id_number_index from staff where bureau_code = $1 and id_number_index = any($3)
"""


async def create_staff(
    session: AsyncSession, caller: Caller, items: Sequence[StaffCreate], numbers: Numbers
) -> BatchWritten:
    """Register members of staff.

    Raises:
        Invalid: a school is unknown.
        BatchConflict: a staff number is registered in this bureau or occurs twice, or an ID number
            occurs twice; that it is registered is shown to callers with `staff:pii` only.
    """
    require_faultless(await _wrong(session, caller, items, numbers))
    try:
        async with session.begin_nested():
            return await _insert(session, caller, items, numbers)
    except BatchConflict:
        if numbers.is_writer:
            raise
        # A number recorded since the check is not a conflict but a report.
        return await _insert(session, caller, items, numbers)


async def _insert(
    session: AsyncSession, caller: Caller, items: Sequence[StaffCreate], numbers: Numbers
) -> BatchWritten:
    await numbers.look_up(session, [item.id_number for item in items])
    rows = [
        details_of(item)
        | numbers.columns_for_new(item.staff_no, item.id_number)
        | name_columns(item.name)
        | {"bureau_code": caller.bureau_code}
        for item in items
    ]
    return await insert_all(session, Staff, rows, lambda n: numbers.taken(items[n].staff_no))


async def _wrong(
    session: AsyncSession, caller: Caller, items: Sequence[StaffCreate], numbers: Numbers
) -> list[tuple[int, AppError]]:
    """Faults of each item, as if they were created one after the other."""
    known = await lock_known(session, caller, (item.school_code for item in items))
    indexes = [numbers.blind_index(item.id_number) for item in items]
    used = await _in_use(session, caller, items, indexes if numbers.is_writer else [])
    found: list[tuple[int, AppError]] = []
    for position, (item, index) in enumerate(zip(items, indexes, strict=True)):
        if item.school_code not in known:
            found.append((position, unknown_school(item.school_code)))
        elif not used.isdisjoint((item.staff_no, index)):
            found.append((position, numbers.taken(item.staff_no)))
        else:
            used |= {item.staff_no, index}
    return found


async def _in_use(
    session: AsyncSession, caller: Caller, items: Sequence[StaffCreate], indexes: Sequence[bytes]
) -> set[str | bytes]:
    """Registered staff numbers and blind indexes, including those of other schools."""
    staff_nos = [item.staff_no for item in items]
    async with as_service(await raw(session)) as connection:
        rows = await connection.fetch(_IN_USE, caller.bureau_code, staff_nos, indexes)
    # Only callers with `staff:pii` learn about ID numbers; for others only staff numbers count.
    columns = ("staff_no", "id_number_index") if indexes else ("staff_no",)
    return {row[column] for row in rows for column in columns}
