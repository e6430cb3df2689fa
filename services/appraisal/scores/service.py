"""Writes of scores."""

from uuid import UUID

from services.appraisal.cycles.queries import shared_state
from services.appraisal.cycles.states import SCORES_OPEN, require_open
from services.appraisal.participants.queries import PARTICIPANT_ROWS
from services.appraisal.scores.errors import NotOnRoster
from services.appraisal.scores.models import ScoresPut
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.database.sql_conditions import Where
from services.chassis.http.preconditions import require_match

_LOCK = (
    "select version from score where bureau_code = $1 and cycle_id = $2 and staff_no = $3 "
    "for update"
)
_PUT = """
insert into score as s (bureau_code, cycle_id, staff_no, virtue, ability, diligence, achievement,
    integrity)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (bureau_code, cycle_id, staff_no) do update set virtue = excluded.virtue,
    ability = excluded.ability, diligence = excluded.diligence,
    achievement = excluded.achievement, integrity = excluded.integrity,
    version = s.version + 1, updated_at = now()
where (s.virtue, s.ability, s.diligence, s.achievement, s.integrity) is distinct from
    (excluded.virtue, excluded.ability, excluded.diligence, excluded.achievement,
    excluded.integrity)
"""


async def put_scores(
    connection: Conn, caller: Caller, cycle_id: UUID, staff_no: str, payload: ScoresPut
) -> None:
    """Record or replace the scores of one participant.

    Raises:
        CycleNotFound: the bureau has no such cycle.
        WritingClosed: scores are not written in its state.
        NotOnRoster: the person takes no part, or is not the caller's to score.
        RowChanged: the scores are not at the version of `If-Match`.
    """
    require_open(await shared_state(connection, caller, cycle_id), SCORES_OPEN)
    where = Where()
    PARTICIPANT_ROWS(caller, where)
    where.add("cycle_id = {} and staff_no = {}", cycle_id, staff_no)
    on_roster = f"select true from participant {where.sql()}"
    if not await connection.fetchval(on_roster, *where.args):
        raise NotOnRoster(staff_no=staff_no)
    key = (caller.bureau_code, cycle_id, staff_no)
    require_match(await connection.fetchval(_LOCK, *key))
    await connection.execute(_PUT, *key, *payload.model_dump().values())
