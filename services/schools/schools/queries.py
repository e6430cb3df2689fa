"""Which schools a caller sees, and how they are listed."""

from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.listing import Listing
from services.chassis.lists.pinyin.named import NameSearch
from services.schools.schools.errors import SchoolNotFound
from services.schools.schools.models import SchoolRead


def visible_to(caller: Caller, where: Where) -> None:
    """The schools of the caller's bureau, or of its own list of schools; none for plain staff."""
    where.add("bureau_code = {}", caller.bureau_code)
    if caller.schools:
        where.add("school_code = any({})", list(caller.schools))
    if caller.is_person:
        where.add("false")


SCHOOLS = Listing(
    "schools",
    SchoolRead,
    "school",
    visible_to,
    search=NameSearch(anywhere=True),
    sorts=("school_code", "name", "created_at", "updated_at", "enrolment", "opened_on"),
    missing=SchoolNotFound,
)
