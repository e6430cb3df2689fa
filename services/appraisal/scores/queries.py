"""How scores are listed."""

from services.appraisal.participants.queries import rows_of_participants
from services.appraisal.scores.models import ScoreRead
from services.chassis.lists.listing import Listing
from services.chassis.lists.pinyin.named import NameSearch

SCORE_ROWS = rows_of_participants("score")

SCORES = Listing(
    "scores",
    ScoreRead,
    "score s join participant p using (cycle_id, staff_no)",
    SCORE_ROWS.joined("p"),
    search=NameSearch("p.name"),
    sorts=("staff_no", "name", "school_code", "updated_at"),
    sql={
        "id": "s.id",
        "name": "p.name",
        "school_code": "p.school_code",
        "version": "s.version",
        "updated_at": "s.updated_at",
    },
    key="s.id",
)
