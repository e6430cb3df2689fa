"""How facts are listed."""

from services.appraisal.facts.models import FactRead
from services.appraisal.participants.queries import rows_of_participants
from services.chassis.lists.listing import Listing

FACT_ROWS = rows_of_participants("fact")

FACTS = Listing(
    "facts",
    FactRead,
    "fact f join participant p using (cycle_id, staff_no) join cycle c on c.id = f.cycle_id",
    FACT_ROWS.joined("p"),
    sorts=("staff_no", "starts_on", "ends_on", "school_code", "kind"),
    sql={
        "id": "f.id",
        "version": "f.version",
        "school_code": "p.school_code",
        "days": "greatest(0, least(ends_on, period_to) - greatest(starts_on, period_from) + 1)",
    },
    key="f.id",
)
