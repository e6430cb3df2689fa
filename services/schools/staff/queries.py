"""Visibility and listing of staff."""

from services.chassis.database.auth import Caller
from services.chassis.lists.expansions import Expansion
from services.chassis.lists.listing import Listing, Related
from services.chassis.lists.pinyin.named import NameSearch
from services.chassis.lists.row_rules import (
    WHOLE_BUREAU,
    Condition,
    Narrowing,
    of_person,
    of_schools,
)
from services.chassis.lists.row_scopes import RowScope
from services.chassis.schemas.id_numbers.parts import MASK
from services.schools.schools.queries import SCHOOL
from services.schools.staff.errors import StaffNotFound
from services.schools.staff.models import StaffRead
from services.schools.staff.scopes import StaffScope


def sees_restricted(caller: Caller) -> bool:
    """Those in charge of personal data, the person, and the services that must count everybody.

    The annual appraisal takes in all staff by law; names that begin with `service-` are given to
    nobody but our own services.
    """
    is_service = caller.kind == "client" and caller.name.startswith("service-")
    return is_service or caller.is_person or caller.may(StaffScope.PII)


def sees_birth_dates(caller: Caller) -> bool:
    """Readers of records, which contain the birth date, and readers of ID numbers.

    Others learn from no rule how a stored birth date compares with what they send.
    """
    return caller.may(StaffScope.READ) or caller.may(StaffScope.PII)


def _unrestricted(caller: Caller, row: str) -> list[Condition]:
    return [] if sees_restricted(caller) else [Condition(f"{row}restricted_at is null")]


STAFF_ROWS = RowScope(
    "staff",
    {"bureau": WHOLE_BUREAU, "schools": of_schools(), "person": of_person()},
    Narrowing(_unrestricted),
)

STAFF = Listing(
    "staff",
    StaffRead,
    "staff",
    STAFF_ROWS,
    unfiltered={"id_number_masked": "people are found by the whole number, in `POST :search`"},
    related={
        "restricted": Related(
            "Whether the data are only kept, `yes` or `no` (限制处理)",
            "(case when restricted_at is null then 'no' else 'yes' end) = any({})",
            example=["no"],
        ),
    },
    search=NameSearch(),
    sorts=("staff_no", "name", "created_at", "employed_on", "updated_at", "school_code", "left_on"),
    sql={"id_number_masked": f"'{MASK}'"},
    missing=StaffNotFound,
    expansions={"school": SCHOOL},
)

# The person in a row with a staff number: `expand=staff`.
PERSON = Expansion(STAFF, "staff_no", StaffScope.READ, "教职工")
