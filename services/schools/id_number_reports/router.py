"""Routes of reported ID numbers, all of which require `staff:pii`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.chassis.core.errors import documents
from services.chassis.core.tags import PERSONAL_DATA_TAG
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection, Session
from services.chassis.database.encrypted_columns import KeyMissing
from services.chassis.exports.answers import Lists, query_of
from services.chassis.http.preconditions import RowChanged
from services.chassis.http.route_rules import DONE_AGAIN
from services.chassis.lists.listing import PageParams
from services.chassis.lists.writing import written
from services.schools.id_number_reports import service
from services.schools.id_number_reports.errors import ReportNotFound
from services.schools.id_number_reports.queries import REPORTS
from services.schools.id_number_reports.states import REPORT_PROCEDURE
from services.schools.id_numbers.identity import Keys
from services.schools.id_numbers.schemas import Reason, RevealedNumber, RevealRequest
from services.schools.staff.scopes import StaffScope

router = APIRouter(prefix="/v1/id-number-reports", tags=[PERSONAL_DATA_TAG])

CanSettle = Annotated[Caller, allow(StaffScope.PII)]


@router.get(
    "",
    summary="List reported ID numbers (身份证号报送列表)",
    response_model=REPORTS.page_schema,
)
async def list_id_number_reports(
    params: Annotated[PageParams, query_of(REPORTS)], caller: CanSettle, lists: Lists
) -> Response:
    """ID numbers sent without `staff:pii` that are not recorded, with their decisions."""
    return await lists.answer(REPORTS, caller, params)


@router.get(
    "/{report_id}",
    summary="Read a reported ID number (身份证号报送)",
    response_model=REPORTS.row_schema,
    responses=documents(ReportNotFound),
)
async def read_id_number_report(
    report_id: UUID, caller: CanSettle, connection: Connection
) -> Response:
    """A report by its id, without the number."""
    return await REPORTS.one(connection, caller, "id = {}", report_id)


@router.post(
    "/{report_id}:reveal",
    summary="Reveal a reported ID number (查看报送的身份证号)",
    responses=documents(ReportNotFound, KeyMissing),
    openapi_extra=DONE_AGAIN,
)
async def reveal_id_number_report(
    report_id: UUID,
    payload: RevealRequest,
    caller: CanSettle,
    connection: Connection,
    keys: Keys,
    response: Response,
) -> RevealedNumber:
    """The full number. The audit trail records the caller and the purpose."""
    response.headers["Cache-Control"] = "no-store"
    staff_no, number = await service.reveal_report(
        connection, caller, report_id, payload.purpose, keys
    )
    return RevealedNumber(staff_no=staff_no, id_number=number)


@router.post(
    "/{report_id}:accept",
    summary="Accept a reported ID number (采纳报送的身份证号)",
    response_model=REPORTS.row_schema,
    responses=documents(
        ReportNotFound, *REPORT_PROCEDURE.problems("accept"), RowChanged, KeyMissing
    ),
)
async def accept_id_number_report(
    report_id: UUID, caller: CanSettle, session: Session, keys: Keys
) -> Response:
    """Record the number with gender and date of birth; refused while another person holds it."""
    report = await service.lock_report(session, caller, report_id)
    await service.accept_report(session, caller, report, keys)
    return await written(REPORTS, session, caller, report_id)


@router.post(
    "/{report_id}:dismiss",
    summary="Dismiss a reported ID number (不采纳报送的身份证号)",
    response_model=REPORTS.row_schema,
    responses=documents(ReportNotFound, *REPORT_PROCEDURE.problems("dismiss"), RowChanged),
)
async def dismiss_id_number_report(
    report_id: UUID, payload: Reason, caller: CanSettle, session: Session
) -> Response:
    """Keep the record unchanged; the number is not reported again for this person."""
    report = await service.lock_report(session, caller, report_id)
    await service.dismiss_report(session, caller, report, payload.reason)
    return await written(REPORTS, session, caller, report_id)
