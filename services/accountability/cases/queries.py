"""Which cases a caller sees, how they are listed, and how one is taken for a change."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from services.accountability.cases.errors import CaseNotFound
from services.accountability.cases.models import Case, Respondent
from services.accountability.cases.rows import CASE_ROWS, EVENT_ROWS, TEXT_ROWS, WORKED_ON, WORKERS
from services.accountability.cases.schemas import CaseRead, EventRead, TextVersionRead
from services.accountability.cases.transitions import CASE_PROCEDURE
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, as_service
from services.chassis.database.sql_conditions import Where
from services.chassis.exports.spec import Parents
from services.chassis.http.preconditions import require_match
from services.chassis.lists.listing import Listing, Related, Scope
from services.chassis.lists.locking import lock_row
from services.chassis.lists.search import TextSearch

DIRECTIVE_JSON = """
case when d.id is not null then json_build_object(
    'directive_no', d.directive_no, 'state', d.state, 'attempts', d.attempts,
    'detail', d.detail, 'delivered_at', d.delivered_at) end
"""
_RESPONDENTS = f"""
(select coalesce(json_agg(json_build_object(
    'staff_no', r.staff_no, 'responsibility', r.responsibility, 'name', r.name,
    'school_code', r.school_code, 'measure', r.measure, 'measure_reason', r.measure_reason,
    'directive', {DIRECTIVE_JSON}) order by r.staff_no), '[]')
from respondent r
left join directive_delivery d on d.case_id = r.case_id and d.staff_no = r.staff_no
where r.case_id = case_file.id)
"""
# For tables that people read.
_RESPONDENTS_TEXT = """
(select string_agg(concat_ws(' ', r.name, r.staff_no, r.measure), '；' order by r.staff_no)
from respondent r where r.case_id = case_file.id)
"""
_HEAVIEST = "(select max(r.measure) from respondent r where r.case_id = case_file.id)"
_TEXT_VERSIONS = "(select max(t.text_version) from case_text t where t.case_id = case_file.id)"
_NAMED = "exists (select from respondent r where r.case_id = case_file.id and r.{} = any({{}}))"

CASES = Listing(
    "cases",
    CaseRead,
    "case_file",
    WORKED_ON,
    related={
        "measure": Related(
            "Applied to a respondent (问责方式)", _NAMED.format("measure"), example=["M4"]
        ),
        "staff_no": Related(
            "Of a respondent (责任人工号)", _NAMED.format("staff_no"), example=["T000001"]
        ),
    },
    search=TextSearch(("title",)),
    sorts=("case_no", "found_on", "created_at", "updated_at", "decided_on", "school_code"),
    sql={"respondents": _RESPONDENTS, "measure": _HEAVIEST, "text_versions": _TEXT_VERSIONS},
    texts={"respondents": _RESPONDENTS_TEXT},
    missing=CaseNotFound,
    procedure=CASE_PROCEDURE,
)


def entries_of_case(case_id: str) -> Scope:
    """Entries of `change_log` about a case that the caller may know of.

    Args:
        case_id: SQL of the id of the case that an entry is about.
    """

    def of_visible(caller: Caller, where: Where) -> None:
        if conditions := CASE_ROWS.under("c").narrowed(caller):
            narrow = " and ".join(template for template, _ in conditions)
            values = (value for one in conditions for value in one.values)
            where.add(
                f"exists (select from case_file c where c.id = {case_id} and {narrow})", *values
            )

    return of_visible


# Listed inside one case only, after `require_visible`.
EVENTS = Listing(
    "events",
    EventRead,
    "case_event",
    EVENT_ROWS.only(*WORKERS),
    sorts=("entry",),
)

TEXT_VERSIONS = Listing(
    "text-versions",
    TextVersionRead,
    "case_text",
    TEXT_ROWS,
    sorts=("text_version",),
)


async def require_visible(connection: Conn, caller: Caller, case_id: UUID) -> None:
    """Raise CaseNotFound unless the caller sees the case."""
    where = Where()
    WORKED_ON(caller, where)
    where.add("id = {}", case_id)
    if not await connection.fetchval(f"select true from case_file {where.sql()}", *where.args):
        raise CaseNotFound(key=case_id)


async def require_not_named(connection: Conn, caller: Caller, ids: Sequence[UUID]) -> None:
    """Raise CaseNotFound if one of these records is a case that the caller may not know of.

    An answer that was stored before they were named shows it.
    """
    if not (conditions := CASE_ROWS.narrowed(caller)):
        return
    where = Where()
    where.add("id = any({})", list(ids))
    for template, values in conditions:
        where.add(f"not ({template})", *values)
    async with as_service(connection):
        found = await connection.fetchval(f"select id from case_file {where.sql()}", *where.args)
    if found is not None:
        raise CaseNotFound(key=found)


async def require_case(connection: Conn, caller: Caller, parents: Parents) -> None:
    """The same for the case that exported rows belong to."""
    await require_visible(connection, caller, parents["case_id"])


async def lock_case(session: AsyncSession, caller: Caller, case_id: UUID) -> Case:
    """The case, locked for a change: nobody changes a case that they have not seen as it is.

    Whom it names is read from the locked row: who is named while waiting for the lock is refused.

    Raises:
        CaseNotFound: it does not exist in the caller's scope, or names the caller.
        MatchRequired: the request does not say by `If-Match` which version it is based on.
        RowChanged: the case is at another version.
    """
    await session.execute(select(func.pg_advisory_xact_lock_shared(import_lock(caller))))
    case = await lock_row(session, caller, WORKED_ON, Case, case_id, CaseNotFound)
    require_match(case.version, required=True)
    return case


def import_lock(caller: Caller) -> int:
    """The advisory lock that an import of leads takes alone and every change shares.

    Without it a lead could be filed between the import's check and its merge.
    """
    return 0x63617365_00000000 + int(caller.bureau_code)


async def respondents_of(session: AsyncSession, case: Case) -> dict[str, Respondent]:
    """The case's respondents by staff number."""
    found = await session.execute(select(Respondent).where(Respondent.case_id == case.id))
    return {respondent.staff_no: respondent for respondent in found.scalars()}
