"""Which staff a caller sees, and how they are listed and imported."""

from services.chassis.auth import Caller
from services.chassis.importing import Check, ImportSpec
from services.chassis.listing import Listing, Related, Where
from services.chassis.named import NAME_KEYS, NameSearch
from services.chassis.names import keys_of
from services.chassis.pii import KeyRing
from services.chassis.text import Text
from services.schools.staff.errors import StaffNotFound
from services.schools.staff.identity import Identity
from services.schools.staff.models import StaffCreate, StaffRead


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
    filters=("staff_no", "school_code", "post_category", "title", "duty", "status", "gender"),
    related={
        "restricted": Related(
            "Whether the data are only kept, `yes` or `no` (限制处理)",
            "(case when restricted_at is null then 'no' else 'yes' end) = any({})",
        ),
    },
    ranges=("employed_on", "left_on", "birth_date", "updated_at"),
    search=NameSearch(),
    sorts=("staff_no", "name", "created_at", "employed_on"),
    missing=StaffNotFound,
)

_PLAIN = {
    "staff_no": "text",
    "name": "text",
    "school_code": "text",
    "post_category": "text",
    "post_level": "integer",
    "title": "text",
    "duty": "text",
    "employed_on": "date",
    "left_on": "date",
    "status": "text",
}
_IDENTITY = {
    "id_number_cipher": "bytea",
    "id_number_index": "bytea",
    "id_number_masked": "text",
    "gender": "text",
    "birth_date": "date",
}


def staff_import(keys: KeyRing) -> ImportSpec:
    """How staff are imported, with ID numbers encrypted under `keys`."""
    return ImportSpec(
        "staff",
        "staff",
        StaffCreate,
        key=("staff_no",),
        columns=_PLAIN | NAME_KEYS | _IDENTITY,
        fixed={"bureau_code": "text"},
        values=lambda row: [
            *(getattr(row, name) for name in _PLAIN),
            *keys_of(row.name),
            *Identity.of(row.id_number, keys),
        ],
        # Equal numbers have equal blind indexes; their ciphertexts always differ.
        ignored=frozenset({"id_number_cipher", *NAME_KEYS}),
        checks=_CHECKS,
    )


_CHECKS = (
    Check(
        "staff_no",
        "staff.restricted",
        Text("{value} 的个人信息已限制处理或删除", "{value} is restricted or erased"),
        "select _row as row, staged.staff_no as value from staged join staff s "
        "on s.bureau_code = $1 and s.staff_no = staged.staff_no "
        "where s.restricted_at is not null",
    ),
    Check(
        "school_code",
        "school.unknown",
        Text("没有这所学校:{value}", "Unknown school: {value}"),
        "select _row as row, school_code as value from staged where school_code not in "
        "(select school_code from school where bureau_code = $1)",
    ),
    Check(
        "id_number",
        "id_number.duplicate_in_file",
        Text("身份证号与第 {value} 行重复", "Same ID number as row {value}"),
        "select row, first::text as value from (select _row as row, min(_row) over "
        "(partition by id_number_index) as first from staged) s where row > first",
    ),
    Check(
        "id_number",
        "id_number.taken",
        Text("身份证号已属于工号 {value}", "The ID number belongs to staff number {value}"),
        "select _row as row, s.staff_no as value from staged join staff s "
        "on s.bureau_code = $1 and s.id_number_index = staged.id_number_index "
        "and s.staff_no <> staged.staff_no "
        "where s.staff_no not in (select staff_no from staged)",
    ),
)
