"""Which schools a caller sees, and how they are listed."""

from services.chassis.auth import Caller
from services.chassis.listing import Listing
from services.chassis.named import NameSearch
from services.chassis.where import Where
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
