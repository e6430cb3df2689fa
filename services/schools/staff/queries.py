"""Which staff a caller sees, and how they are listed."""

from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.listing import Listing, Related
from services.chassis.lists.pinyin.named import NameSearch
from services.chassis.schemas.id_numbers.parts import MASK
from services.schools.staff.errors import StaffNotFound
from services.schools.staff.models import StaffRead


def visible_to(caller: Caller, where: Where) -> None:
    """The bureau's staff, the staff of the caller's schools, or the caller alone."""
    where.add("bureau_code = {}", caller.bureau_code)
    if caller.schools:
        where.add("school_code = any({})", list(caller.schools))
    if caller.is_person:
        where.add("staff_no = {}", caller.staff_no or "")
    elif not sees_restricted(caller):
        where.add("restricted_at is null")


def sees_restricted(caller: Caller) -> bool:
    """Whoever answers for personal data, the person, and the services that must count everybody.

    The annual appraisal takes in all staff by law; names that begin with `service-` are given to
    nobody but our own services.
    """
    is_service = caller.kind == "client" and caller.name.startswith("service-")
    return is_service or caller.is_person or caller.may("staff:pii")


STAFF = Listing(
    "staff",
    StaffRead,
    "staff",
    visible_to,
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
)
