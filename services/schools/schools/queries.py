"""Which schools a caller sees, and how they are listed."""

from services.chassis.auth import Caller
from services.chassis.listing import Listing, Where
from services.chassis.named import NameSearch
from services.schools.schools.errors import SchoolNotFound
from services.schools.schools.models import SchoolRead


def visible_to(caller: Caller, where: Where) -> None:
    """The schools of the caller's bureau, or of its own list of schools."""
    where.add("bureau_code = {}", caller.bureau_code)
    if caller.schools:
        where.add("school_code = any({})", list(caller.schools))


SCHOOLS = Listing(
    "schools",
    SchoolRead,
    "school",
    visible_to,
    filters=("school_code", "school_type", "area_type", "status", "parent_code", "local_code"),
    ranges=("enrolment", "updated_at"),
    search=NameSearch(anywhere=True),
    sorts=("school_code", "name", "created_at"),
    missing=SchoolNotFound,
)
