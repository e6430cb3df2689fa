"""Writes of participation records, besides their import."""

from uuid import UUID

from services.appraisal.cycles.queries import shared_state
from services.appraisal.cycles.states import PARTICIPATION_RECORDS_OPEN, require_open
from services.appraisal.participation_records.queries import PARTICIPATION_RECORD_ROWS
from services.chassis.core.errors import NotFound
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.database.sql_conditions import Where
from services.chassis.http.preconditions import require_match


async def delete_participation_record(
    connection: Conn, caller: Caller, cycle_id: UUID, participation_record_id: UUID
) -> None:
    """Remove a participation record that was recorded by mistake.

    Raises:
        CycleNotFound: the bureau has no such cycle.
        WritingClosed: its participation records are not written any more.
        NotFound: there is no such record in the caller's scope.
        RowChanged: it is not at the version of `If-Match`.
    """
    require_open(await shared_state(connection, caller, cycle_id), PARTICIPATION_RECORDS_OPEN)
    where = Where()
    PARTICIPATION_RECORD_ROWS.joined("p")(caller, where)
    where.add("r.id = {} and r.cycle_id = {}", participation_record_id, cycle_id)
    version = await connection.fetchval(
        "select r.version from participation_record r "
        f"join participant p using (cycle_id, staff_no) {where.sql()} for update of r",
        *where.args,
    )
    if version is None:
        raise NotFound
    require_match(version)
    await connection.execute(
        "delete from participation_record where id = $1", participation_record_id
    )
