"""How scores are listed and imported."""

from services.appraisal.facts.queries import UNKNOWN_PARTICIPANT
from services.appraisal.participants.queries import visible_to
from services.appraisal.scores.models import ScoreRead, ScoreWrite
from services.chassis.importing import ImportSpec
from services.chassis.listing import Listing
from services.chassis.named import NameSearch

SCORES = Listing(
    "scores",
    ScoreRead,
    "score s join participant p using (cycle_id, staff_no)",
    visible_to,
    filters=("staff_no", "school_code"),
    search=NameSearch("p.name"),
    sorts=("staff_no",),
    sql={
        "id": "s.id",
        "name": "p.name",
        "school_code": "p.school_code",
        "version": "s.version",
        "updated_at": "s.updated_at",
    },
    key="s.id",
)

_COLUMNS = {
    "staff_no": "text",
    "virtue": "numeric(5,2)",
    "ability": "numeric(5,2)",
    "diligence": "numeric(5,2)",
    "achievement": "numeric(5,2)",
    "integrity": "numeric(5,2)",
}

SCORE_IMPORT = ImportSpec(
    "scores",
    "score",
    ScoreWrite,
    key=("staff_no",),
    columns=_COLUMNS,
    fixed={"bureau_code": "text", "cycle_id": "uuid"},
    values=lambda row: [getattr(row, name) for name in _COLUMNS],
    checks=(UNKNOWN_PARTICIPANT,),
)
