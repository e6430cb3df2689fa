"""Route of names: people beside the ids that records contain."""

from typing import Annotated

from fastapi import APIRouter

from gateway.names.models import NameQuery, NameRead
from gateway.names.queries import names_of
from gateway.tags import IDENTITY_TAG
from services.chassis.core.scopes import PlatformScope
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import TheDatabase
from services.chassis.http.route_rules import DONE_AGAIN

router = APIRouter(tags=[IDENTITY_TAG])


@router.post("/v1/names", summary="Find names by id (按标识查名称)", openapi_extra=DONE_AGAIN)
async def find_names(
    payload: NameQuery,
    caller: Annotated[Caller, allow(PlatformScope.CODES_READ)],
    database: TheDatabase,
) -> list[NameRead]:
    """Names of accounts and clients of the caller's bureau; ids of others are left out."""
    return await names_of(database, caller, payload.ids)
