"""Which schools a caller sees, and how they are listed and imported."""

from services.chassis.auth import Caller
from services.chassis.importing import Check, ImportSpec
from services.chassis.listing import Listing, Where
from services.chassis.named import NAME_KEYS, NameSearch
from services.chassis.names import keys_of
from services.chassis.text import Text
from services.schools.schools.errors import SchoolNotFound
from services.schools.schools.models import SchoolCreate, SchoolRead


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

_COLUMNS = {
    "school_code": "text",
    "name": "text",
    "school_type": "text",
    "area_type": "text",
    "parent_code": "text",
    "status": "text",
    "enrolment": "integer",
    "local_code": "text",
    "address": "text",
    "opened_on": "date",
}

SCHOOL_IMPORT = ImportSpec(
    "schools",
    "school",
    SchoolCreate,
    key=("school_code",),
    columns=_COLUMNS | NAME_KEYS,
    fixed={"bureau_code": "text"},
    values=lambda row: [*(getattr(row, name) for name in _COLUMNS), *keys_of(row.name)],
    ignored=frozenset(NAME_KEYS),
    checks=(
        Check(
            "parent_code",
            "school.unknown",
            Text("没有这所学校:{value}", "Unknown school: {value}"),
            "select _row as row, parent_code as value from staged where parent_code is not null "
            "and parent_code not in (select school_code from staged) and parent_code not in "
            "(select school_code from school where bureau_code = $1)",
        ),
    ),
)
