"""Import of participation records."""

from services.appraisal.cycles.queries import shared_state
from services.appraisal.cycles.states import PARTICIPATION_RECORDS_OPEN, require_open
from services.appraisal.participants.importing import UNKNOWN_PARTICIPANT
from services.appraisal.participation_records.models import (
    ParticipationRecord,
    ParticipationRecordWrite,
)
from services.appraisal.participation_records.queries import (
    PARTICIPATION_RECORD_ROWS,
    PARTICIPATION_RECORDS,
)
from services.appraisal.participation_records.scopes import ParticipationRecordScope
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.imports.declaration.hints import FIRST_DAY, LAST_DAY, NOTE, STAFF_NO, Hint
from services.chassis.imports.declaration.spec import Check, ImportSpec, Removal, Within, Words

# A seconded person counts in the host's base and competes for its quota. A school account, which
# only sees its own participants, cannot assign a person to another school; the bureau can.
_UNKNOWN_HOST = Check(
    "host_school_code",
    Words(
        "host_school_code.unknown",
        Text(
            "{value} 没有参加考核的人员，或应由教育局录入",
            "No participant belongs to {value}, or only the bureau may record it",
        ),
    ),
    "select _row as row, host_school_code as value from {changed} "
    "where host_school_code is not null and host_school_code not in "
    "(select p.school_code from participant p where p.bureau_code = $1 and p.cycle_id = $2)",
)


async def require_records_open(connection: Conn, caller: Caller, within: Within) -> None:
    """Refuse records after determination, and lock the state of the year until the end.

    Raises:
        CycleNotFound: the bureau has no such year.
        WritingClosed: it is past that.
    """
    require_open(
        await shared_state(connection, caller, within["cycle_id"]), PARTICIPATION_RECORDS_OPEN
    )


_HINTS = {
    "staff_no": Hint("须在本年度考核名册中", STAFF_NO.synonyms),
    "kind": Hint("", ("情况", "情形", "类型", "情况类别")),
    "starts_on": FIRST_DAY,
    "ends_on": Hint(f"{LAST_DAY.meaning}；可在考核周期之外", LAST_DAY.synonyms),
    "host_school_code": Hint("借调时必填，其他情况不填", ("借入学校代码", "借调学校", "借调单位")),
    "note": NOTE,
}

PARTICIPATION_RECORD_IMPORT = ImportSpec(
    resource="participation-records",
    title=Text("参加考核情况", "Participation records"),
    model=ParticipationRecord,
    row=ParticipationRecordWrite,
    listing=PARTICIPATION_RECORDS,
    rows=PARTICIPATION_RECORD_ROWS,
    key=("staff_no", "kind", "starts_on"),
    scope=ParticipationRecordScope.WRITE,
    within={"cycle_id": "uuid"},
    checks=(UNKNOWN_PARTICIPANT, _UNKNOWN_HOST),
    removal=Removal(),
    hints=_HINTS,
    guard=require_records_open,
)
