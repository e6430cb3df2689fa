"""Which participants a caller sees; their records, scores and results are seen through them."""

from services.appraisal.participants.models import ParticipantRead
from services.chassis.lists.listing import Listing
from services.chassis.lists.pinyin.named import NameSearch
from services.chassis.lists.row_rules import WHOLE_BUREAU, Through, of_person, of_schools
from services.chassis.lists.row_scopes import RowScope

PARTICIPANT_ROWS = RowScope(
    "participant", {"bureau": WHOLE_BUREAU, "schools": of_schools(), "person": of_person()}
)
_OF_PARTICIPANT = Through(
    PARTICIPANT_ROWS, "p", "p.cycle_id = {row}cycle_id and p.staff_no = {row}staff_no"
)


def rows_of_participants(table: str) -> RowScope:
    """Who sees the rows of a table that belong to participants: those who see the participant."""
    rules = {"bureau": WHOLE_BUREAU, "schools": _OF_PARTICIPANT, "person": _OF_PARTICIPANT}
    return RowScope(table, rules)


PARTICIPANTS = Listing(
    "participants",
    ParticipantRead,
    "participant p",
    PARTICIPANT_ROWS.under("p"),
    search=NameSearch(),
    sorts=("staff_no", "name", "school_code"),
)
