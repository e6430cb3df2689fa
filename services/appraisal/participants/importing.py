"""Check of participants in imports of scores and participation records."""

from services.appraisal.participants.queries import PARTICIPANT_ROWS
from services.chassis.core.text import Text
from services.chassis.imports.declaration.spec import Check, Words

# On the roster, at one of the caller's schools.
UNKNOWN_PARTICIPANT = Check(
    "staff_no",
    Words("participant.unknown", Text("工号 {value} 不在考核名册", "{value} is not on the roster")),
    "select _row as row, staff_no as value from {changed} where staff_no not in "
    "(select p.staff_no from participant p where p.bureau_code = $1 and p.cycle_id = $2 "
    "and {visible})",
    visible=PARTICIPANT_ROWS.under("p").level_literal,
)
