"""How facts are listed and imported."""

from services.appraisal.facts.models import FactRead, FactWrite
from services.appraisal.participants.queries import IN_CALLERS_SCHOOLS, visible_to
from services.chassis.importing import Check, ImportSpec
from services.chassis.listing import Listing
from services.chassis.text import Text

FACTS = Listing(
    "facts",
    FactRead,
    "fact f join participant p using (cycle_id, staff_no) join cycle c on c.id = f.cycle_id",
    visible_to,
    filters=("staff_no", "kind", "school_code"),
    ranges=("starts_on", "ends_on"),
    sorts=("staff_no", "starts_on"),
    sql={
        "id": "f.id",
        "school_code": "p.school_code",
        "days": "greatest(0, least(ends_on, period_to) - greatest(starts_on, period_from) + 1)",
    },
    key="f.id",
)

_COLUMNS = {
    "staff_no": "text",
    "kind": "text",
    "starts_on": "date",
    "ends_on": "date",
    "host_school_code": "text",
    "note": "text",
}

# Somebody on the roster, at a school of the caller's.
UNKNOWN_PARTICIPANT = Check(
    "staff_no",
    "participant.unknown",
    Text("工号 {value} 不在考核名册", "{value} is not on the roster"),
    "select _row as row, staff_no as value from staged where staff_no not in "
    "(select p.staff_no from participant p where p.bureau_code = $1 and p.cycle_id = $2 "
    f"and {IN_CALLERS_SCHOOLS})",
)

# A guest counts in the host's base and competes for its quota: a school account, which sees its
# own participants only, cannot send somebody to another school's; the bureau does.
UNKNOWN_HOST = Check(
    "host_school_code",
    "host_school_code.unknown",
    Text(
        "{value} 没有参加考核的人员,或应由教育局录入",
        "Nobody of {value} takes part, or it is for the bureau to say",
    ),
    "select _row as row, host_school_code as value from staged where host_school_code is not null "
    "and host_school_code not in (select p.school_code from participant p "
    "where p.bureau_code = $1 and p.cycle_id = $2)",
)

FACT_IMPORT = ImportSpec(
    "facts",
    "fact",
    FactWrite,
    key=("staff_no", "kind", "starts_on"),
    columns=_COLUMNS,
    fixed={"bureau_code": "text", "cycle_id": "uuid"},
    values=lambda row: [getattr(row, name) for name in _COLUMNS],
    checks=(UNKNOWN_PARTICIPANT, UNKNOWN_HOST),
)
