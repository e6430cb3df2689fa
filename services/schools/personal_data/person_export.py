"""A copy of everything that the platform holds about one person (个人信息保护法 art 45)."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson

from services.chassis.audit.log import record
from services.chassis.core.errors import MissingScope
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, Database
from services.chassis.database.encrypted_columns import KeyRing
from services.chassis.database.sql_conditions import Where
from services.chassis.peers.client import PlatformClient
from services.chassis.subject_access.holdings import Held, HeldEvent, Holding
from services.schools.assignments.models import AssignmentRead
from services.schools.assignments.queries import ASSIGNMENTS
from services.schools.personal_data.elsewhere import held_elsewhere
from services.schools.personal_data.schemas import HeldElsewhere, PersonalData, PersonRecord
from services.schools.staff.errors import StaffNotFound
from services.schools.staff.queries import visible_to

_ASSIGNMENTS = Holding("assignments", ASSIGNMENTS)


async def personal_data(
    database: Database,
    platform: PlatformClient,
    caller: Caller,
    staff_id: UUID,
    keys: KeyRing,
    today: date,
) -> PersonalData:
    """The record with its complete number, its assignments, and what other services hold.

    No transaction is open while the others are asked. Who asks is audited here; there the entry
    names this service, under the same request id.

    Raises:
        StaffNotFound: no such person in the caller's scope.
        MissingScope: the caller is limited to schools, and the others' parts are not.
        UpstreamUnavailable: another service does not answer.
    """
    async with database.connection(caller) as connection:
        staff_no: str = (await _row_of(connection, caller, staff_id))["staff_no"]
    if caller.level != "bureau":
        raise MissingScope(scope="bureau")
    elsewhere = await held_elsewhere(platform, caller.bureau_code, staff_no)
    async with database.connection(caller) as connection:
        return await _with_own_part(connection, caller, staff_id, keys, today, elsewhere)


async def _with_own_part(
    connection: Conn,
    caller: Caller,
    staff_id: UUID,
    keys: KeyRing,
    today: date,
    elsewhere: list[HeldElsewhere],
) -> PersonalData:
    row = await _row_of(connection, caller, staff_id)
    school_name = await connection.fetchval(
        "select name from school where bureau_code = $1 and school_code = $2",
        caller.bureau_code,
        row["school_code"],
    )
    number = None if row["erased_at"] else keys.decrypt(row["id_number_cipher"])
    fields = {name: row["document"].get(name) for name in PersonRecord.model_fields}
    held = Held(connection, caller, row["staff_no"], [staff_id])
    assignments = await held.records(_ASSIGNMENTS)
    events = orjson.loads(await held.events())
    await record(connection, caller, "export", "staff", staff_id, row["staff_no"])
    return PersonalData(
        exported_on=today,
        person=PersonRecord.model_validate(
            fields | {"id_number": number, "school_name": school_name}
        ),
        assignments=[AssignmentRead.model_validate_json(one) for one in assignments],
        events=[HeldEvent(**event) for event in events],
        elsewhere=elsewhere,
    )


async def _row_of(connection: Conn, caller: Caller, staff_id: UUID) -> Any:
    where = Where()
    visible_to(caller, where)
    where.add("id = {}", staff_id)
    # As JSON from PostgreSQL, for times with the offset that all answers have.
    row = await connection.fetchrow(
        "select staff_no, school_code, erased_at, id_number_cipher, to_json(staff) as document "
        f"from staff {where.sql()}",
        *where.args,
    )
    if row is None:
        raise StaffNotFound(key=staff_id)
    return row
