"""How participation records are listed."""

from services.appraisal.participants.queries import rows_of_participants
from services.appraisal.participation_records.models import ParticipationRecordRead
from services.chassis.lists.listing import Listing

PARTICIPATION_RECORD_ROWS = rows_of_participants("participation_record")

PARTICIPATION_RECORDS = Listing(
    "participation-records",
    ParticipationRecordRead,
    "participation_record r join participant p using (cycle_id, staff_no) "
    "join cycle c on c.id = r.cycle_id",
    PARTICIPATION_RECORD_ROWS.joined("p"),
    sorts=("staff_no", "starts_on", "ends_on", "school_code", "kind"),
    sql={
        "id": "r.id",
        "version": "r.version",
        "school_code": "p.school_code",
        "days": "greatest(0, least(ends_on, period_to) - greatest(starts_on, period_from) + 1)",
    },
    key="r.id",
)
