"""Which participants a caller sees; facts, scores and results are seen through them."""

from services.appraisal.participants.models import ParticipantRead
from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.listing import Listing
from services.chassis.lists.pinyin.named import NameSearch

# The schools the caller is limited to, inside SQL that runs in the caller's context.
IN_CALLERS_SCHOOLS = (
    "(current_setting('app.schools') = '' or "
    "p.school_code = any(string_to_array(current_setting('app.schools'), ',')))"
)


def visible_to(caller: Caller, where: Where) -> None:
    """The bureau's participants, those of the caller's schools, or the caller alone."""
    where.add("p.bureau_code = {}", caller.bureau_code)
    if caller.schools:
        where.add("p.school_code = any({})", list(caller.schools))
    if caller.is_person:
        where.add("p.staff_no = {}", caller.staff_no or "")


PARTICIPANTS = Listing(
    "participants",
    ParticipantRead,
    "participant p",
    visible_to,
    search=NameSearch(),
    sorts=("staff_no", "name", "school_code"),
)
