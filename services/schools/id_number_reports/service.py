"""How the bureau settles reported ID numbers."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import func, select

from services.chassis.audit.log import record
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, as_service, raw, unique_or
from services.chassis.database.encrypted_columns import KeyRing
from services.chassis.database.sql_conditions import Where
from services.chassis.http.preconditions import require_match
from services.schools.id_number_reports.errors import IdNumberHeld, ReportNotFound, ReportSettled
from services.schools.id_number_reports.models import (
    ACCEPTED,
    DISMISSED,
    OPEN,
    RECORDED,
    IdNumberReport,
)
from services.schools.id_number_reports.queries import REPORTS
from services.schools.staff.errors import StaffRestricted
from services.schools.staff.identity import Identity
from services.schools.staff.models import Staff

# Verbs of a report by its state. A dismissal can be reconsidered.
_VERBS = {OPEN: (":accept", ":dismiss"), DISMISSED: (":accept",), ACCEPTED: ()}
_HOLDER = "select staff_no from staff where bureau_code = $1 and id_number_index = $2 and id <> $3"


async def lock_report(session: AsyncSession, caller: Caller, report_id: UUID) -> IdNumberReport:
    """The report, locked to be settled.

    Raises:
        ReportNotFound: none with this id in the caller's scope.
        RowChanged: it is not at the version that `If-Match` names.
    """
    if caller.level != "bureau":
        raise ReportNotFound(key=report_id)
    found = await session.execute(
        select(IdNumberReport)
        .where(
            IdNumberReport.id == report_id,
            IdNumberReport.bureau_code == caller.bureau_code,
            IdNumberReport.state != RECORDED,
        )
        .with_for_update()
    )
    report = found.scalar_one_or_none()
    if report is None:
        raise ReportNotFound(key=report_id)
    require_match(report.version)
    return report


async def accept_report(
    session: AsyncSession, caller: Caller, report: IdNumberReport, keys: KeyRing
) -> None:
    """Record the reported number as the person's own.

    Raises:
        ReportSettled: it was accepted before.
        StaffRestricted: the person's record is only kept.
        IdNumberHeld: the number is recorded under somebody else.
    """
    _require_verb(report, ":accept")
    staff = await session.get_one(Staff, report.staff_id, with_for_update=True)
    if staff.restricted_at is not None:
        raise StaffRestricted(staff_no=staff.staff_no)
    if holder := await _holder(session, report):
        raise IdNumberHeld(holder=holder)
    identity = Identity.of(keys.decrypt(report.id_number_cipher), keys)
    if staff.id_number_index != identity.id_number_index:
        # Somebody who takes the number at this very moment cannot be named.
        async with unique_or(session, IdNumberHeld(holder="—")):
            staff.sqlmodel_update(identity._asdict())
    await _settle(session, caller, report, ACCEPTED, "accept_id_number")


async def dismiss_report(
    session: AsyncSession, caller: Caller, report: IdNumberReport, reason: str
) -> None:
    """Leave the person's record as it is.

    Raises:
        ReportSettled: it was settled before.
    """
    _require_verb(report, ":dismiss")
    report.note = reason
    await _settle(session, caller, report, DISMISSED, "dismiss_id_number")


async def reveal_report(
    connection: Conn, caller: Caller, report_id: UUID, purpose: str, keys: KeyRing
) -> tuple[str, str]:
    """Staff number and the reported number; the audit trail holds who looked, and why.

    Raises:
        ReportNotFound: none with this id in the caller's scope.
    """
    where = Where()
    REPORTS.scope(caller, where)
    where.add("id = {}", report_id)
    row = await connection.fetchrow(
        f"select staff_id, staff_no, id_number_cipher from id_number_report {where.sql()}",
        *where.args,
    )
    if row is None:
        raise ReportNotFound(key=report_id)
    detail = {"purpose": purpose}
    action = "reveal_reported_id_number"
    await record(connection, caller, action, "staff", row["staff_id"], row["staff_no"], detail)
    return row["staff_no"], keys.decrypt(row["id_number_cipher"])


def _require_verb(report: IdNumberReport, verb: str) -> None:
    verbs = _VERBS[report.state]
    if verb not in verbs:
        raise ReportSettled(state=report.state, verbs=", ".join(verbs) or "—")


async def _holder(session: AsyncSession, report: IdNumberReport) -> str | None:
    async with as_service(await raw(session)) as connection:
        holder: str | None = await connection.fetchval(
            _HOLDER, report.bureau_code, report.id_number_index, report.staff_id
        )
    return holder


async def _settle(
    session: AsyncSession, caller: Caller, report: IdNumberReport, state: str, action: str
) -> None:
    report.state, report.settled_by = state, caller.name
    report.settled_at = func.now()  # type: ignore[assignment]
    await session.flush()
    detail = {"reason": report.note} if state == DISMISSED else None
    await record(session, caller, action, "staff", report.staff_id, report.staff_no, detail)
