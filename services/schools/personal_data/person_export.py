"""A copy of everything that the platform holds about one person (个人信息保护法 art 45)."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson

from services.chassis.audit.log import record
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, Database
from services.chassis.database.encrypted_columns import KeyRing
from services.chassis.database.sql_conditions import Where
from services.chassis.peers.client import PlatformClient
from services.chassis.schemas.id_numbers.parts import MASK
from services.chassis.subject_access.holdings import Held, HeldEvent, Holding
from services.schools.assignments.models import AssignmentRead
from services.schools.assignments.queries import ASSIGNMENTS
from services.schools.id_number_reports.states import RECORDED
from services.schools.id_numbers.identity import is_vacant
from services.schools.personal_data.elsewhere import held_elsewhere
from services.schools.personal_data.schemas import (
    HeldElsewhere,
    PersonalData,
    PersonRecord,
    ReportedNumber,
)
from services.schools.staff.errors import StaffNotFound
from services.schools.staff.queries import STAFF_ROWS

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
    caller.require_whole_bureau()
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
    is_recorded = not row["erased_at"] and not is_vacant(row["id_number_index"])
    number = keys.decrypt(row["id_number_cipher"]) if is_recorded else None
    fields = {name: row["document"].get(name) for name in PersonRecord.model_fields}
    fields["id_number_masked"] = MASK
    held = Held(connection, caller, row["staff_no"], [staff_id])
    assignments = await held.records(_ASSIGNMENTS)
    events = orjson.loads(await held.events())
    await record(connection, caller, "export", "staff", staff_id, row["staff_no"])
    return PersonalData(
        exported_on=today,
        person=PersonRecord.model_validate(
            fields | {"id_number": number, "school_name": school_name}
        ),
        reported_numbers=await _reported_numbers(connection, staff_id, keys),
        assignments=[AssignmentRead.model_validate_json(one) for one in assignments],
        events=[HeldEvent(**event) for event in events],
        elsewhere=elsewhere,
    )


async def _reported_numbers(
    connection: Conn, staff_id: UUID, keys: KeyRing
) -> list[ReportedNumber]:
    """Numbers reported for the person, without the reason, which may concern another person."""
    rows = await connection.fetch(
        "select id_number_cipher, state, created_at from id_number_report "
        "where staff_id = $1 and state <> $2 order by id",
        staff_id,
        RECORDED,
    )
    return [
        ReportedNumber(
            id_number=keys.decrypt(row["id_number_cipher"]),
            state=row["state"],
            reported_at=row["created_at"],
        )
        for row in rows
    ]


async def _row_of(connection: Conn, caller: Caller, staff_id: UUID) -> Any:
    where = Where()
    STAFF_ROWS(caller, where)
    where.add("id = {}", staff_id)
    # As JSON from PostgreSQL, for times with the offset that all answers have.
    row = await connection.fetchrow(
        "select staff_no, school_code, erased_at, id_number_cipher, id_number_index, "
        f"to_json(staff) as document from staff {where.sql()}",
        *where.args,
    )
    if row is None:
        raise StaffNotFound(key=staff_id)
    return row
