"""Settlement of reported ID numbers by the bureau."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import func

from services.chassis.audit.log import record
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, raw, unique_or
from services.chassis.database.encrypted_columns import KeyRing
from services.chassis.database.sql_conditions import Where
from services.chassis.http.preconditions import require_match
from services.chassis.lists.locking import lock_row
from services.chassis.procedures.sql import require_allowed
from services.schools.id_number_reports.errors import IdNumberHeld, ReportNotFound
from services.schools.id_number_reports.models import IdNumberReport
from services.schools.id_number_reports.queries import REPORT_ROWS
from services.schools.id_number_reports.states import DISMISSED, REPORT_PROCEDURE
from services.schools.id_numbers.identity import Identity
from services.schools.staff.models import Staff


async def lock_report(session: AsyncSession, caller: Caller, report_id: UUID) -> IdNumberReport:
    """The report, locked to be settled.

    Raises:
        ReportNotFound: none with this id in the caller's scope.
        RowChanged: it is not at the version that `If-Match` names.
    """
    report = await lock_row(session, caller, REPORT_ROWS, IdNumberReport, report_id, ReportNotFound)
    require_match(report.version)
    return report


async def accept_report(
    session: AsyncSession, caller: Caller, report: IdNumberReport, keys: KeyRing
) -> None:
    """Record the reported number as the person's own.

    Raises:
        TransitionRefused: it was accepted before.
        StaffRestricted: the person's record is only kept.
        IdNumberHeld: the number is recorded under somebody else.
    """
    staff = await session.get_one(Staff, report.staff_id, with_for_update=True)
    state = await require_allowed(await raw(session), REPORT_PROCEDURE, report.id, "accept")
    identity = Identity.of(keys.decrypt(report.id_number_cipher), keys)
    if staff.id_number_index != identity.id_number_index:
        # Somebody who takes the number at this very moment cannot be named.
        async with unique_or(session, IdNumberHeld(holder="—")):
            staff.sqlmodel_update(identity._asdict())
    await _settle(session, caller, report, state, "accept_id_number")


async def dismiss_report(
    session: AsyncSession, caller: Caller, report: IdNumberReport, reason: str
) -> None:
    """Leave the person's record as it is.

    Raises:
        TransitionRefused: it was settled before.
    """
    state = await require_allowed(await raw(session), REPORT_PROCEDURE, report.id, "dismiss")
    report.note = reason
    await _settle(session, caller, report, state, "dismiss_id_number")


async def reveal_report(
    connection: Conn, caller: Caller, report_id: UUID, purpose: str, keys: KeyRing
) -> tuple[str, str]:
    """Staff number and the reported number; the audit trail holds who looked, and why.

    Raises:
        ReportNotFound: none with this id in the caller's scope.
    """
    where = Where()
    REPORT_ROWS(caller, where)
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


async def _settle(
    session: AsyncSession, caller: Caller, report: IdNumberReport, state: str, action: str
) -> None:
    report.state, report.settled_by = state, caller.name
    report.settled_at = func.now()  # type: ignore[assignment]
    await session.flush()
    detail = {"reason": report.note} if state == DISMISSED else None
    await record(session, caller, action, "staff", report.staff_id, report.staff_no, detail)
