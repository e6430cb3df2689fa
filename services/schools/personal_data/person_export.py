"""A copy of everything the registry holds about one person (个人信息保护法 art 45)."""

from datetime import date
from uuid import UUID

from services.chassis.audit import record
from services.chassis.auth import Caller
from services.chassis.db import Conn
from services.chassis.pii import KeyRing
from services.chassis.where import Where
from services.chassis.withheld import told_changes
from services.schools.assignments.queries import assignments_of
from services.schools.personal_data.elsewhere import KEPT_ELSEWHERE
from services.schools.personal_data.schemas import (
    PersonalData,
    PersonEvent,
    PersonRecord,
    PlaceElsewhere,
)
from services.schools.staff.errors import StaffNotFound
from services.schools.staff.queries import visible_to

# Change and audit entries, until their retention ends.
_EVENTS = f"""
select at, operation, actor, {told_changes()} as detail from change_log
where bureau_code = $1 and row_id = $2 order by position, id
"""


async def personal_data(
    connection: Conn, caller: Caller, staff_id: UUID, keys: KeyRing, today: date
) -> PersonalData:
    """The record with its complete number, its assignments, and what was done with it.

    Raises:
        StaffNotFound: no such person in the caller's scope.
    """
    where = Where()
    visible_to(caller, where)
    where.add("id = {}", staff_id)
    row = await connection.fetchrow(f"select * from staff {where.sql()}", *where.args)
    if row is None:
        raise StaffNotFound(key=staff_id)
    school_name = await connection.fetchval(
        "select name from school where bureau_code = $1 and school_code = $2",
        caller.bureau_code,
        row["school_code"],
    )
    number = None if row["erased_at"] else keys.decrypt(row["id_number_cipher"])
    fields = {name: row[name] for name in PersonRecord.model_fields if name in row}
    events = await connection.fetch(_EVENTS, caller.bureau_code, staff_id)
    await record(connection, caller, "export", "staff", staff_id, row["staff_no"])
    return PersonalData(
        exported_on=today,
        person=PersonRecord(**fields, id_number=number, school_name=school_name),
        assignments=await assignments_of(connection, caller, row["staff_no"]),
        events=[PersonEvent(**dict(event)) for event in events],
        elsewhere=[
            PlaceElsewhere(
                service=kept.service, holds=kept.holds.render(), until=kept.until.render()
            )
            for kept in KEPT_ELSEWHERE
        ],
    )
