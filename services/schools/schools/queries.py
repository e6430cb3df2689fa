"""Which schools a caller sees, and how they are listed."""

from services.chassis.lists.listing import Listing
from services.chassis.lists.pinyin.named import NameSearch
from services.chassis.lists.row_rules import WHOLE_BUREAU, of_schools
from services.chassis.lists.row_scopes import RowScope
from services.schools.schools.errors import SchoolNotFound
from services.schools.schools.models import SchoolRead

SCHOOL_ROWS = RowScope("school", {"bureau": WHOLE_BUREAU, "schools": of_schools()})

SCHOOLS = Listing(
    "schools",
    SchoolRead,
    "school",
    SCHOOL_ROWS,
    search=NameSearch(anywhere=True),
    sorts=("school_code", "name", "created_at", "updated_at", "enrolment", "opened_on"),
    missing=SchoolNotFound,
)
