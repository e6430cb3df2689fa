"""Operations on a person's data: search, reveal, restrict, erase."""

import secrets
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import func

from services.chassis.audit.log import record
from services.chassis.audit.redaction import HIDDEN, NEVER_SHOWN, hide_entries, show_again, withhold
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, as_service, raw
from services.chassis.database.encrypted_columns import ERASED, KeyRing
from services.chassis.database.sql_conditions import Where
from services.chassis.http.preconditions import require_match
from services.chassis.http.stored_responses import forget_answers_about
from services.chassis.lists.locking import lock_row
from services.schools.id_number_reports.queries import REPORT_ROWS
from services.schools.id_numbers.identity import is_vacant
from services.schools.personal_data.errors import (
    MustBeKept,
    NoNumberRecorded,
    StaffErased,
    StaffNotRestricted,
)
from services.schools.staff.errors import StaffNotFound
from services.schools.staff.models import Staff, StaffRead
from services.schools.staff.queries import STAFF_ROWS
from services.schools.staff.scopes import StaffScope

ERASED_NAME = "(已删除)"
_RESOURCE = "staff"
_SEES_ALL = StaffScope.PII
_ASSIGNMENTS = """
select id from assignment where bureau_code = $1 and staff_no = $2
union
select row_id from change_log where bureau_code = $1 and resource = 'assignments'
    and operation = 'delete' and changes ->> 'staff_no' = $2
"""
# The readable columns about the person; key and bookkeeping columns stay.
_OF_THE_PERSON = tuple(
    name
    for name in StaffRead.model_fields
    if name not in {"id", "staff_no", "version", "created_at", "updated_at", *NEVER_SHOWN}
)


async def search_staff(
    connection: Conn, caller: Caller, id_number: str, keys: KeyRing
) -> UUID | None:
    """The id of the person with this number in the caller's scope."""
    where = Where()
    STAFF_ROWS(caller, where)
    where.add("id_number_index = {}", keys.blind_index(id_number))
    row = await connection.fetchrow(f"select id, staff_no from staff {where.sql()}", *where.args)
    found, staff_no = (row["id"], row["staff_no"]) if row else (None, None)
    await record(connection, caller, "search", _RESOURCE, found, staff_no, {"by": "id_number"})
    return found


async def search_reports(
    connection: Conn, caller: Caller, id_number: str, keys: KeyRing
) -> list[UUID]:
    """The ids of the reports of this number that are not accepted, the earliest first."""
    where = Where()
    REPORT_ROWS(caller, where)
    where.add("id_number_index = {}", keys.blind_index(id_number))
    where.add("state in ('open', 'dismissed')")
    rows = await connection.fetch(
        f"select id from id_number_report {where.sql()} order by id", *where.args
    )
    return [row["id"] for row in rows]


async def reveal_number(
    connection: Conn, caller: Caller, staff_id: UUID, purpose: str, keys: KeyRing
) -> tuple[str, str]:
    """Staff number and complete ID number; the audit trail says who looked, and why.

    Raises:
        StaffNotFound: no such person in the caller's scope.
        StaffErased: there is nothing left to show.
        NoNumberRecorded: what was given is only reported.
    """
    where = Where()
    STAFF_ROWS(caller, where)
    where.add("id = {}", staff_id)
    row = await connection.fetchrow(
        f"select staff_no, id_number_cipher, id_number_index, erased_at from staff {where.sql()}",
        *where.args,
    )
    if row is None:
        raise StaffNotFound(key=staff_id)
    if row["erased_at"]:
        raise StaffErased(staff_no=row["staff_no"])
    if is_vacant(row["id_number_index"]):
        raise NoNumberRecorded(staff_no=row["staff_no"])
    detail = {"purpose": purpose}
    await record(connection, caller, "reveal", _RESOURCE, staff_id, row["staff_no"], detail)
    return row["staff_no"], keys.decrypt(row["id_number_cipher"])


async def restrict(session: AsyncSession, caller: Caller, staff_id: UUID, reason: str) -> Staff:
    """Keep the person's data, and no longer use them; restricting twice changes nothing."""
    staff = await _locked(session, caller, staff_id)
    if staff.restricted_at is None:
        staff.restricted_at, staff.restricted_reason = func.now(), reason  # type: ignore[assignment]
        await _recorded(session, caller, "restrict", staff, reason)
        # Callers who do not see the row do not see its values in the change log, either.
        instead = dict.fromkeys(_OF_THE_PERSON, HIDDEN)
        await withhold(session, caller, staff.id, instead, seen_with=_SEES_ALL)
        await _hide_assignments(session, staff)
    return staff


async def unrestrict(session: AsyncSession, caller: Caller, staff_id: UUID, reason: str) -> Staff:
    """Use the person's data again.

    Raises:
        StaffNotRestricted: they are in use.
        StaffErased: there is nothing left to use.
    """
    staff = await _locked(session, caller, staff_id)
    if staff.erased_at is not None:
        raise StaffErased(staff_no=staff.staff_no)
    if staff.restricted_at is None:
        raise StaffNotRestricted(staff_no=staff.staff_no)
    staff.restricted_at, staff.restricted_reason = None, None
    await _recorded(session, caller, "unrestrict", staff, reason)
    async with as_service(await raw(session)) as connection:
        await show_again(connection, [staff.id, *await _assignments_of(connection, staff)])
    return staff


async def erase(
    session: AsyncSession, caller: Caller, staff_id: UUID, reason: str, *, years: int, today: date
) -> Staff:
    """Replace number, name and birth date for good; the staff number stays, for what refers to it.

    Neither the change log nor a stored answer shows the old values any more.

    Raises:
        MustBeKept: fewer than `years` years since the person left, or still employed.
    """
    staff = await _locked(session, caller, staff_id)
    if staff.erased_at is not None:
        return staff
    erasable_on = _years_after(staff.left_on, years) if staff.left_on else None
    if erasable_on is None or erasable_on > today:
        raise MustBeKept(staff_no=staff.staff_no, years=years, erasable_on=erasable_on or "—")
    # The change log hides what is erased: the trigger `log_erasure` reads this setting.
    await session.execute(text("select set_config('app.erasing', 'on', true)"))
    staff.id_number_cipher = ERASED
    staff.id_number_index = secrets.token_bytes(32)  # unique, and nobody's
    staff.name = ERASED_NAME
    staff.birth_date = date(staff.birth_date.year, 1, 1)
    staff.erased_at = func.now()  # type: ignore[assignment]
    staff.restricted_at = staff.restricted_at or func.now()  # type: ignore[assignment]
    staff.restricted_reason = None
    await _recorded(session, caller, "erase", staff, reason)
    await session.execute(text("select set_config('app.erasing', '', true)"))
    await withhold(
        session, caller, staff.id, {name: getattr(staff, name) for name in _OF_THE_PERSON}
    )
    await _hide_assignments(session, staff)
    await _forget_answers_about(session, staff)
    await _delete_reports(session, staff)
    return staff


async def _delete_reports(session: AsyncSession, staff: Staff) -> None:
    """Delete the ID numbers that were given for the person and not recorded."""
    async with as_service(await raw(session)) as connection:
        await connection.execute("delete from id_number_report where staff_id = $1", staff.id)


async def _forget_answers_about(session: AsyncSession, staff: Staff) -> None:
    """Delete the stored answers that show the person, or the person's name with an assignment."""
    async with as_service(await raw(session)) as connection:
        assignments = await _assignments_of(connection, staff)
        await forget_answers_about(connection, [staff.id, *assignments])


async def _hide_assignments(session: AsyncSession, staff: Staff) -> None:
    """Leave the person's assignments out of the feed of callers who do not see them."""
    async with as_service(await raw(session)) as connection:
        assignments = await _assignments_of(connection, staff)
        await hide_entries(connection, staff.bureau_code, assignments, seen_with=_SEES_ALL)


async def _assignments_of(connection: Conn, staff: Staff) -> list[UUID]:
    """Ids of the person's assignments, also of those that were removed and are still logged."""
    rows = await connection.fetch(_ASSIGNMENTS, staff.bureau_code, staff.staff_no)
    return [row["id"] for row in rows]


async def _locked(session: AsyncSession, caller: Caller, staff_id: UUID) -> Staff:
    staff = await lock_row(session, caller, STAFF_ROWS, Staff, staff_id, StaffNotFound)
    require_match(staff.version)
    return staff


async def _recorded(
    session: AsyncSession, caller: Caller, action: str, staff: Staff, reason: str
) -> None:
    await session.flush()
    await session.refresh(staff)
    await record(session, caller, action, _RESOURCE, staff.id, staff.staff_no, {"reason": reason})


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)
