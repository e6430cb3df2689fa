"""Import of scores."""

from services.appraisal.cycles.queries import shared_state
from services.appraisal.cycles.states import SCORES_OPEN, require_open
from services.appraisal.participants.importing import UNKNOWN_PARTICIPANT
from services.appraisal.scores.models import Score, ScoreWrite
from services.appraisal.scores.queries import SCORE_ROWS, SCORES
from services.appraisal.scores.scopes import ScoreScope
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.imports.declaration.hints import STAFF_NO, Hint
from services.chassis.imports.declaration.spec import ImportSpec, Within


async def require_scores_open(connection: Conn, caller: Caller, within: Within) -> None:
    """Refuse scores outside scoring, and lock the state of the year until the end.

    Raises:
        CycleNotFound: the bureau has no such year.
        WritingClosed: it is in another state.
    """
    require_open(await shared_state(connection, caller, within["cycle_id"]), SCORES_OPEN)


_POINTS = "0 至 100 分，最多两位小数"
_HINTS = {
    "staff_no": Hint("须在本年度考核名册中", STAFF_NO.synonyms),
    "virtue": Hint(_POINTS, ("德得分", "品德", "师德")),
    "ability": Hint(_POINTS, ("能得分", "能力")),
    "diligence": Hint(_POINTS, ("勤得分", "勤勉", "考勤")),
    "achievement": Hint(_POINTS, ("绩得分", "实绩", "业绩")),
    "integrity": Hint(_POINTS, ("廉得分", "廉洁")),
}

SCORE_IMPORT = ImportSpec(
    resource="scores",
    title=Text("评分", "Scores"),
    model=Score,
    row=ScoreWrite,
    listing=SCORES,
    rows=SCORE_ROWS,
    key=("staff_no",),
    scope=ScoreScope.WRITE,
    within={"cycle_id": "uuid"},
    checks=(UNKNOWN_PARTICIPANT,),
    guard=require_scores_open,
    hints=_HINTS,
)
