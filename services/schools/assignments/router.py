"""Routes of assignments."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.chassis.core.errors import Invalid, creates, documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection, Session
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.listing import PageParams
from services.chassis.lists.query import RowParams, row_query_of
from services.chassis.lists.writing import require_same_key, written
from services.chassis.schemas.fields import Day
from services.schools.assignments import service
from services.schools.assignments.errors import AssignmentNotFound, AssignmentOverlaps
from services.schools.assignments.models import AssignmentCreate, AssignmentPatch, AssignmentRead
from services.schools.assignments.queries import ASSIGNMENTS
from services.schools.staff.errors import StaffRestricted
from services.schools.staff.scopes import StaffScope

TAG = Tag("assignments", Text("任职", "Roles of persons at schools"))
router = APIRouter(prefix="/v1/assignments", tags=[TAG])

# Assignments are part of the staff records, so the scopes of staff apply.
CanRead = Annotated[Caller, allow(StaffScope.READ)]
CanWrite = Annotated[Caller, allow(StaffScope.WRITE)]
Expanding = Annotated[RowParams, row_query_of(ASSIGNMENTS)]


@router.get(
    "",
    summary="List or export assignments (任职列表)",
    response_model=ASSIGNMENTS.page_schema,
)
async def list_assignments(
    params: Annotated[PageParams, query_of(ASSIGNMENTS)], caller: CanRead, lists: Lists
) -> Response:
    """Assignments in the caller's scope; `on=2025-10-01` returns those in force on that day."""
    return await lists.answer(ASSIGNMENTS, caller, params)


@router.post(
    "",
    summary="Create an assignment (新建任职)",
    status_code=201,
    response_model=AssignmentRead,
    responses=documents(AssignmentOverlaps, StaffRestricted),
)
async def create_assignment(
    payload: AssignmentCreate, caller: CanWrite, session: Session
) -> Response:
    """Assign a person to a role at a school, with or without an end date."""
    assignment = await service.create_assignment(session, caller, payload)
    return await written(ASSIGNMENTS, session, caller, assignment.id, 201)


@router.get(
    "/{assignment_id}",
    summary="Read an assignment (任职)",
    response_model=ASSIGNMENTS.read_schema,
    responses=documents(AssignmentNotFound),
)
async def read_assignment(
    assignment_id: UUID, params: Expanding, caller: CanRead, connection: Connection
) -> Response:
    """An assignment by its id."""
    return await ASSIGNMENTS.one(connection, caller, "id = {}", assignment_id, params=params)


@router.patch(
    "/{assignment_id}",
    summary="Change an assignment (修改任职)",
    response_model=AssignmentRead,
    responses=documents(AssignmentNotFound, AssignmentOverlaps, StaffRestricted),
)
async def patch_assignment(
    assignment_id: UUID,
    payload: AssignmentPatch,  # type: ignore[valid-type]
    caller: CanWrite,
    session: Session,
) -> Response:
    """Change the given fields (merge patch); the key cannot be changed."""
    changes = payload.changes()  # type: ignore[attr-defined]
    assignment = await service.patch_assignment(session, caller, assignment_id, changes)
    return await written(ASSIGNMENTS, session, caller, assignment.id)


@router.delete(
    "/{assignment_id}",
    summary="Delete an assignment (删除任职)",
    status_code=204,
    responses=documents(AssignmentNotFound, StaffRestricted),
)
async def delete_assignment(assignment_id: UUID, caller: CanWrite, session: Session) -> None:
    """Delete an assignment recorded by mistake. To end one, set its last day instead."""
    await service.delete_assignment(session, caller, assignment_id)


@router.get(
    "/by-key/{staff_no}/{school_code}/{role}/{starts_on}",
    summary="Read an assignment by its key (按工号、学校、岗位和开始日期读取任职)",
    response_model=ASSIGNMENTS.read_schema,
    responses=documents(AssignmentNotFound),
)
async def read_assignment_by_key(
    staff_no: str,
    school_code: str,
    role: str,
    starts_on: Day,
    params: Expanding,
    caller: CanRead,
    connection: Connection,
) -> Response:
    """An assignment by person, school, role and first day."""
    key = "staff_no = {} and school_code = {} and role = {} and starts_on = {}"
    values = staff_no, school_code, role, starts_on
    return await ASSIGNMENTS.one(connection, caller, key, *values, params=params)


@router.put(
    "/by-key/{staff_no}/{school_code}/{role}/{starts_on}",
    summary="Create or replace an assignment (写入任职)",
    response_model=AssignmentRead,
    responses=creates(AssignmentRead) | documents(AssignmentOverlaps, StaffRestricted, Invalid),
)
async def put_assignment(
    staff_no: str,
    school_code: str,
    role: str,
    starts_on: Day,
    payload: AssignmentCreate,
    caller: CanWrite,
    session: Session,
) -> Response:
    """Create (201) or replace (200) the record with this natural key."""
    require_same_key(
        payload, staff_no=staff_no, school_code=school_code, role=role, starts_on=starts_on
    )
    assignment, is_new = await service.put_assignment(session, caller, payload)
    return await written(ASSIGNMENTS, session, caller, assignment.id, 201 if is_new else 200)
