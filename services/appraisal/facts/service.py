"""Writes of participation facts, besides their import."""

from uuid import UUID

from services.appraisal.cycles.queries import shared_state
from services.appraisal.cycles.states import FACTS_OPEN, require_open
from services.appraisal.facts.queries import FACT_ROWS
from services.chassis.core.errors import NotFound
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.database.sql_conditions import Where
from services.chassis.http.preconditions import require_match


async def delete_fact(connection: Conn, caller: Caller, cycle_id: UUID, fact_id: UUID) -> None:
    """Remove a fact that was recorded by mistake.

    Raises:
        CycleNotFound: the bureau has no such cycle.
        WritingClosed: its facts are not written any more.
        NotFound: there is no such fact in the caller's scope.
        RowChanged: it is not at the version of `If-Match`.
    """
    require_open(await shared_state(connection, caller, cycle_id), FACTS_OPEN)
    where = Where()
    FACT_ROWS.joined("p")(caller, where)
    where.add("f.id = {} and f.cycle_id = {}", fact_id, cycle_id)
    version = await connection.fetchval(
        "select f.version from fact f join participant p using (cycle_id, staff_no) "
        f"{where.sql()} for update of f",
        *where.args,
    )
    if version is None:
        raise NotFound
    require_match(version)
    await connection.execute("delete from fact where id = $1", fact_id)
