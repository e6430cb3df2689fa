"""How scores are listed."""

from services.appraisal.participants.queries import visible_to
from services.appraisal.scores.models import ScoreRead
from services.chassis.lists.listing import Listing
from services.chassis.lists.pinyin.named import NameSearch

SCORES = Listing(
    "scores",
    ScoreRead,
    "score s join participant p using (cycle_id, staff_no)",
    visible_to,
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
