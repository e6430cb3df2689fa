"""Routes of bureaus."""

from typing import Annotated

from fastapi import APIRouter, Response

from services.chassis.core.errors import NotFound, documents
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Connection, Session
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.listing import PageParams
from services.chassis.lists.writing import written
from services.schools.bureaus import service
from services.schools.bureaus.errors import BureauCodeTaken
from services.schools.bureaus.models import BureauCreate, BureauRead
from services.schools.bureaus.queries import BUREAUS
from services.schools.bureaus.scopes import BureauScope

TAG = Tag("bureaus", Text("教育局", "Education bureaus"))
router = APIRouter(prefix="/v1/bureaus", tags=[TAG])

CanRead = Annotated[Caller, allow(BureauScope.READ)]
CanWrite = Annotated[Caller, allow(BureauScope.WRITE)]


@router.get("", summary="List bureaus (教育局列表)", response_model=BUREAUS.page_schema)
async def list_bureaus(
    params: Annotated[PageParams, query_of(BUREAUS)], caller: CanRead, lists: Lists
) -> Response:
    """The bureaus in the caller's scope: all for platform accounts, otherwise the own one."""
    return await lists.answer(BUREAUS, caller, params)


@router.post(
    "",
    summary="Create a bureau (新建教育局)",
    status_code=201,
    response_model=BureauRead,
    responses=documents(BureauCodeTaken),
)
async def create_bureau(payload: BureauCreate, caller: CanWrite, session: Session) -> Response:
    """Create the bureau of another county."""
    bureau = await service.create_bureau(session, payload)
    return await written(BUREAUS, session, caller, bureau.id, 201)


@router.get(
    "/by-key/{bureau_code}",
    summary="Read a bureau (教育局)",
    response_model=BureauRead,
    responses=documents(NotFound),
)
async def read_bureau(bureau_code: str, caller: CanRead, connection: Connection) -> Response:
    """A bureau by its division code."""
    return await BUREAUS.one(connection, caller, "bureau_code = {}", bureau_code)
