"""Routes on a person's data: all of them need `staff:pii`, all of them leave an audit entry."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.chassis.core.errors import Invalid, documents
from services.chassis.core.resources import resources_of
from services.chassis.core.tags import PERSONAL_DATA_TAG
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Conn, Connection, Session, TheDatabase
from services.chassis.database.encrypted_columns import KeyMissing
from services.chassis.http.preconditions import RowChanged
from services.chassis.http.route_rules import DONE_AGAIN
from services.chassis.lists.listing import Listing
from services.chassis.lists.writing import TheClock
from services.chassis.openapi.response_headers import references
from services.chassis.peers.client import ThePlatform
from services.chassis.peers.http_client import UpstreamUnavailable
from services.schools.id_number_reports.queries import REPORTS
from services.schools.id_numbers.identity import Keys
from services.schools.id_numbers.schemas import Reason, RevealedNumber, RevealRequest
from services.schools.personal_data import service
from services.schools.personal_data.errors import (
    MustBeKept,
    NoNumberRecorded,
    StaffErased,
    StaffNotRestricted,
)
from services.schools.personal_data.person_export import personal_data
from services.schools.personal_data.schemas import DataState, PersonalData, StaffFound, StaffSearch
from services.schools.settings import SchoolsSettings
from services.schools.staff.errors import StaffNotFound
from services.schools.staff.models import Staff
from services.schools.staff.queries import STAFF
from services.schools.staff.scopes import StaffScope

router = APIRouter(prefix="/v1/staff", tags=[PERSONAL_DATA_TAG])

CanSeeAll = Annotated[Caller, allow(StaffScope.PII)]
# Nothing may keep what is shown in full: no cache, and no answer under an `Idempotency-Key` either,
# whence `DONE_AGAIN`. Each look is a look of its own in the audit trail.
_UNKEPT = {"Cache-Control": "no-store"}


@router.post(
    ":search",
    summary="Find a person by ID number (按身份证号查找)",
    response_model=StaffFound,
    responses=documents(Invalid),
    openapi_extra=DONE_AGAIN,
)
async def search_staff(
    payload: StaffSearch, caller: CanSeeAll, connection: Connection, keys: Keys
) -> Response:
    """The person with this number in the caller's scope; POST, because URLs are logged."""
    number = payload.id_number
    found = await service.search_staff(connection, caller, number, keys)
    people = await _rows(STAFF, connection, caller, [] if found is None else [found])
    reports = await service.search_reports(connection, caller, number, keys)
    reported = await _rows(REPORTS, connection, caller, reports)
    body = b'{"data":[' + people + b'],"reports":[' + reported + b"]}"
    return Response(body, media_type="application/json", headers=_UNKEPT)


@router.post(
    "/{staff_id}:reveal",
    summary="Reveal an ID number (查看完整身份证号)",
    responses=documents(StaffNotFound, StaffErased, NoNumberRecorded, KeyMissing),
    openapi_extra=DONE_AGAIN,
)
async def reveal_number(
    staff_id: UUID,
    payload: RevealRequest,
    caller: CanSeeAll,
    connection: Connection,
    keys: Keys,
    response: Response,
) -> RevealedNumber:
    """The complete number; the account and the purpose are entered in the audit trail."""
    response.headers.update(_UNKEPT)
    staff_no, number = await service.reveal_number(
        connection, caller, staff_id, payload.purpose, keys
    )
    return RevealedNumber(staff_no=staff_no, id_number=number)


@router.get(
    "/{staff_id}/personal-data",
    summary="Export a person's data (导出个人信息)",
    responses={
        200: {"headers": references("Content-Disposition")},
        **documents(StaffNotFound, KeyMissing, UpstreamUnavailable),
    },
)
async def export_personal_data(
    staff_id: UUID,
    caller: CanSeeAll,
    database: TheDatabase,
    platform: ThePlatform,
    keys: Keys,
    clock: TheClock,
    response: Response,
) -> PersonalData:
    """Everything that all services hold about one person, for that person (art 45)."""
    today = await clock.today()
    data = await personal_data(database, platform, caller, staff_id, keys, today)
    response.headers.update(
        _UNKEPT
        | {"Content-Disposition": f'attachment; filename="staff-{data.person.staff_no}.json"'}
    )
    return data


@router.post(
    "/{staff_id}:restrict",
    summary="Restrict the use of a person's data (限制处理)",
    responses=documents(StaffNotFound, RowChanged),
)
async def restrict_staff(
    staff_id: UUID, payload: Reason, caller: CanSeeAll, session: Session
) -> DataState:
    """Keep the record as the law prescribes, and take it out of lists and exports (art 47)."""
    return _state(await service.restrict(session, caller, staff_id, payload.reason))


@router.post(
    "/{staff_id}:unrestrict",
    summary="Lift a restriction (解除限制处理)",
    responses=documents(StaffNotFound, StaffNotRestricted, StaffErased, RowChanged),
)
async def unrestrict_staff(
    staff_id: UUID, payload: Reason, caller: CanSeeAll, session: Session
) -> DataState:
    """Show the record in lists and exports again."""
    return _state(await service.unrestrict(session, caller, staff_id, payload.reason))


@router.post(
    "/{staff_id}:erase",
    summary="Erase a person's data (删除个人信息)",
    responses=documents(StaffNotFound, MustBeKept, RowChanged),
)
async def erase_staff(
    staff_id: UUID,
    payload: Reason,
    caller: CanSeeAll,
    session: Session,
    clock: TheClock,
    request: Request,
) -> DataState:
    """Replace ID number, name and birth date for good, once the legal retention period is over."""
    years = resources_of(request)[SchoolsSettings].retention_years
    today = await clock.today()
    staff = await service.erase(session, caller, staff_id, payload.reason, years=years, today=today)
    return _state(staff)


async def _rows(listing: Listing, connection: Conn, caller: Caller, ids: Sequence[UUID]) -> bytes:
    """Rows as JSON, separated by commas."""
    answers = [await listing.one(connection, caller, "id = {}", row_id) for row_id in ids]
    return b",".join(bytes(answer.body) for answer in answers)


def _state(staff: Staff) -> DataState:
    return DataState(
        staff_no=staff.staff_no, restricted_at=staff.restricted_at, erased_at=staff.erased_at
    )
