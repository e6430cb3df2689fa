"""How schools are imported."""

from services.chassis.imports.derived import NAME
from services.chassis.imports.spec import Check, ImportSpec, Removal, Words
from services.chassis.named import NAME_KEYS
from services.chassis.text import Text
from services.schools.schools.models import School, SchoolCreate
from services.schools.schools.queries import SCHOOLS

SCHOOL_IMPORT = ImportSpec(
    resource="schools",
    title=Text("学校", "Schools"),
    table=School.__table__,  # type: ignore[attr-defined]
    row=SchoolCreate,
    listing=SCHOOLS,
    key=("school_code",),
    scope="schools:write",
    is_key_global=True,
    derived={"name": NAME},
    quiet=frozenset(NAME_KEYS),
    removal=Removal("t.status <> 'closed'", "status = 'closed'"),
    checks=(
        Check(
            "parent_code",
            Words("school.unknown", Text("没有这所学校:{value}", "Unknown school: {value}")),
            "select _row as row, parent_code as value from {changed} "
            "where parent_code is not null and parent_code not in "
            "(select school_code from {keys}) and parent_code not in "
            "(select school_code from school where bureau_code = $1)",
        ),
    ),
)
