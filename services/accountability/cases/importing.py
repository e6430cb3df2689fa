"""Import of leads: new ones are opened, leads that are still leads are corrected."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.cases.history import Actor, record_imported
from services.accountability.cases.queries import import_lock
from services.accountability.cases.schemas import LeadRow
from services.accountability.cases.service import OUT_OF_SCOPE, UNKNOWN_SCHOOL
from services.accountability.registry import Registry
from services.chassis.auth import Caller
from services.chassis.db import Conn, raw
from services.chassis.importing import Check, ImportReport, ImportSpec, import_rows
from services.chassis.text import Text
from services.chassis.writing import Upload

_COLUMNS = {
    "case_no": "text",
    "title": "text",
    "facts": "text",
    "trigger": "text",
    "source": "text",
    "school_code": "text",
    "found_on": "date",
}
# The caller's schools as the transaction's context has them; empty means the whole bureau.
_NOT_MINE = (
    "current_setting('app.schools') <> '' and "
    "school_code <> all (string_to_array(current_setting('app.schools'), ','))"
)

LEADS = ImportSpec(
    "cases",
    "case_file",
    LeadRow,
    key=("case_no",),
    columns=_COLUMNS,
    fixed={"bureau_code": "text"},
    values=lambda row: [getattr(row, name) for name in _COLUMNS],
    checks=(
        Check(
            "school_code",
            "school.out_of_scope",
            OUT_OF_SCOPE,
            f"select _row as row, school_code as value from staged where {_NOT_MINE}",
        ),
        Check(
            "school_code",
            "school.unknown",
            UNKNOWN_SCHOOL,
            "select _row as row, school_code as value from staged where school_code not in "
            "(select school_code from known_school)",
        ),
        Check(
            "case_no",
            "case.not_lead",
            Text("案件 {value} 已不是线索,不能再导入", "Case {value} is no longer a lead"),
            "select _row as row, case_no as value from staged join case_file c using (case_no) "
            "where c.bureau_code = $1 and c.state <> 'lead'",
        ),
    ),
)


async def import_leads(
    begin: Callable[[], AbstractAsyncContextManager[AsyncSession]],
    registry: Registry,
    caller: Caller,
    actor: Actor,
    file: Upload,
) -> ImportReport:
    """Merge a file of leads: every row, or none and all faults listed.

    Raises:
        Invalid: faulty rows, unknown schools, or cases that are beyond being leads.
        UpstreamUnavailable: the registry gives no answer.
    """
    bureau = caller.bureau_code
    schools = await registry.all_schools(bureau)
    async with begin() as session:
        connection = await raw(session)
        await connection.execute("select pg_advisory_xact_lock($1)", import_lock(caller))
        await _stage_schools(connection, schools)
        report = await import_rows(connection, LEADS, file.body, file.media_type, [bureau])
        await connection.execute(
            "update case_file c set school_name = k.name, opened_by = coalesce(opened_by, $2) "
            "from known_school k where k.school_code = c.school_code and c.bureau_code = $1 "
            "and c.xmin = pg_current_xact_id()::xid",
            bureau,
            actor.subject,
        )
        await record_imported(connection, bureau, actor)
    return report


async def _stage_schools(connection: Conn, schools: list[tuple[str, str]]) -> None:
    await connection.execute(
        "create temporary table known_school (school_code text primary key, name text) "
        "on commit drop"
    )
    await connection.copy_records_to_table("known_school", schema_name="pg_temp", records=schools)
