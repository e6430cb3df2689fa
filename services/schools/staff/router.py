"""Routes of staff."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.chassis.core.errors import Invalid, creates, documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection, Session
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.batches import BatchConflict, BatchWritten, batch_of
from services.chassis.lists.listing import PageParams
from services.chassis.lists.query import RowParams, row_query_of
from services.chassis.lists.writing import require_same_key, written
from services.schools.staff import batch, service
from services.schools.staff.errors import StaffNotFound, StaffRestricted, StaffTaken
from services.schools.staff.models import StaffCreate, StaffPatch, StaffRead
from services.schools.staff.numbers import TheNumbers
from services.schools.staff.queries import STAFF
from services.schools.staff.scopes import StaffScope

TAG = Tag("staff", Text("教职工", "Staff records"))
router = APIRouter(prefix="/v1/staff", tags=[TAG])

CanRead = Annotated[Caller, allow(StaffScope.READ)]
CanWrite = Annotated[Caller, allow(StaffScope.WRITE)]
Expanding = Annotated[RowParams, row_query_of(STAFF)]


@router.get("", summary="List or export staff (教职工列表)", response_model=STAFF.page_schema)
async def list_staff(
    params: Annotated[PageParams, query_of(STAFF)], caller: CanRead, lists: Lists
) -> Response:
    """Staff in the caller's scope; `format=csv` or `ndjson` streams all of them."""
    return await lists.answer(STAFF, caller, params)


@router.post(
    "",
    summary="Create a member of staff (新建教职工)",
    status_code=201,
    response_model=StaffRead,
    responses=documents(StaffTaken),
)
async def create_staff(
    payload: StaffCreate, caller: CanWrite, session: Session, numbers: TheNumbers
) -> Response:
    """Create a member of staff in the caller's bureau."""
    async with numbers.writing(session, payload.staff_no):
        staff = await service.create_staff(session, caller, payload, numbers)
    return await written(STAFF, session, caller, staff.id, 201)


@router.post(
    ":batch",
    summary="Create several members of staff (批量新建教职工)",
    status_code=201,
    responses=documents(BatchConflict),
)
async def create_staff_batch(
    payload: batch_of(StaffCreate),  # type: ignore[valid-type]
    caller: CanWrite,
    session: Session,
    numbers: TheNumbers,
) -> BatchWritten:
    """Create up to 1000 members of staff, all or none."""
    async with numbers.writing(session):
        return await batch.create_staff(session, caller, payload.items, numbers)


@router.get(
    "/{staff_id}",
    summary="Read a member of staff (教职工)",
    response_model=STAFF.read_schema,
    responses=documents(StaffNotFound),
)
async def read_staff(
    staff_id: UUID, params: Expanding, caller: CanRead, connection: Connection
) -> Response:
    """A person by id."""
    return await STAFF.one(connection, caller, "id = {}", staff_id, params=params)


@router.get(
    "/by-key/{staff_no}",
    summary="Read a member of staff by number (按工号读取教职工)",
    response_model=STAFF.read_schema,
    responses=documents(StaffNotFound),
)
async def read_staff_by_key(
    staff_no: str, params: Expanding, caller: CanRead, connection: Connection
) -> Response:
    """A person by staff number."""
    return await STAFF.one(connection, caller, "staff_no = {}", staff_no, params=params)


@router.put(
    "/by-key/{staff_no}",
    summary="Create or replace a member of staff (写入教职工)",
    response_model=StaffRead,
    responses=creates(StaffRead) | documents(StaffTaken, StaffRestricted, Invalid),
)
async def put_staff(
    staff_no: str, payload: StaffCreate, caller: CanWrite, session: Session, numbers: TheNumbers
) -> Response:
    """Create (201) or replace (200) the record with this natural key."""
    require_same_key(payload, staff_no=staff_no)
    async with numbers.writing(session, staff_no):
        staff, is_new = await service.put_staff(session, caller, payload, numbers)
    return await written(STAFF, session, caller, staff.id, 201 if is_new else 200)


@router.patch(
    "/by-key/{staff_no}",
    summary="Change a member of staff (修改教职工)",
    response_model=StaffRead,
    responses=documents(StaffNotFound, StaffRestricted),
)
async def patch_staff(
    staff_no: str,
    payload: StaffPatch,  # type: ignore[valid-type]
    caller: CanWrite,
    session: Session,
    numbers: TheNumbers,
) -> Response:
    """Change the given fields (merge patch); absent fields keep their values."""
    changes = payload.changes()  # type: ignore[attr-defined]
    async with numbers.writing(session, staff_no):
        staff = await service.patch_staff(session, caller, staff_no, changes, numbers)
    return await written(STAFF, session, caller, staff.id)
