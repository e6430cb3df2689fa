"""Routes of schools."""

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
from services.chassis.lists.writing import require_same_key, written
from services.schools.schools import batch, service
from services.schools.schools.errors import SchoolCodeTaken, SchoolNotFound
from services.schools.schools.models import SchoolCreate, SchoolPatch, SchoolRead
from services.schools.schools.queries import SCHOOLS
from services.schools.schools.scopes import SchoolScope

TAG = Tag("schools", Text("学校", "Schools and teaching points"))
router = APIRouter(prefix="/v1/schools", tags=[TAG])

CanRead = Annotated[Caller, allow(SchoolScope.READ)]
CanWrite = Annotated[Caller, allow(SchoolScope.WRITE)]


@router.get("", summary="List or export schools (学校列表)", response_model=SCHOOLS.page_schema)
async def list_schools(
    params: Annotated[PageParams, query_of(SCHOOLS)], caller: CanRead, lists: Lists
) -> Response:
    """Schools in the caller's scope; `format=csv` or `ndjson` streams all of them."""
    return await lists.answer(SCHOOLS, caller, params)


@router.post(
    "",
    summary="Create a school (新建学校)",
    status_code=201,
    response_model=SchoolRead,
    responses=documents(SchoolCodeTaken),
)
async def create_school(payload: SchoolCreate, caller: CanWrite, session: Session) -> Response:
    """Create a school in the caller's bureau."""
    school = await service.create_school(session, caller, payload)
    return await written(SCHOOLS, session, caller, school.id, 201)


@router.post(
    ":batch",
    summary="Create several schools (批量新建学校)",
    status_code=201,
    responses=documents(BatchConflict),
)
async def create_schools(
    payload: batch_of(SchoolCreate),  # type: ignore[valid-type]
    caller: CanWrite,
    session: Session,
) -> BatchWritten:
    """Create up to 1000 schools, all or none; a parent school may precede its teaching points."""
    return await batch.create_schools(session, caller, payload.items)


@router.get(
    "/{school_id}",
    summary="Read a school (学校)",
    response_model=SchoolRead,
    responses=documents(SchoolNotFound),
)
async def read_school(school_id: UUID, caller: CanRead, connection: Connection) -> Response:
    """A school by its id."""
    return await SCHOOLS.one(connection, caller, "id = {}", school_id)


@router.get(
    "/by-key/{school_code}",
    summary="Read a school by code (按标识码读取学校)",
    response_model=SchoolRead,
    responses=documents(SchoolNotFound),
)
async def read_school_by_key(school_code: str, caller: CanRead, connection: Connection) -> Response:
    """A school by its national code."""
    return await SCHOOLS.one(connection, caller, "school_code = {}", school_code)


@router.put(
    "/by-key/{school_code}",
    summary="Create or replace a school (写入学校)",
    response_model=SchoolRead,
    responses=creates(SchoolRead) | documents(SchoolCodeTaken, Invalid),
)
async def put_school(
    school_code: str, payload: SchoolCreate, caller: CanWrite, session: Session
) -> Response:
    """Create (201) or replace (200) the record with this natural key."""
    require_same_key(payload, school_code=school_code)
    school, is_new = await service.put_school(session, caller, payload)
    return await written(SCHOOLS, session, caller, school.id, 201 if is_new else 200)


@router.patch(
    "/by-key/{school_code}",
    summary="Change a school (修改学校)",
    response_model=SchoolRead,
    responses=documents(SchoolNotFound),
)
async def patch_school(
    school_code: str,
    payload: SchoolPatch,  # type: ignore[valid-type]
    caller: CanWrite,
    session: Session,
) -> Response:
    """Change the given fields (merge patch); absent fields keep their values."""
    school = await service.get_school(session, caller, school_code)
    await service.patch_school(session, caller, school, payload.changes())  # type: ignore[attr-defined]
    return await written(SCHOOLS, session, caller, school.id)
