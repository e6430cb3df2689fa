"""Responses of writes: the row as in the list, read in the same transaction."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.resources import resource
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.clock import Clock
from services.chassis.database.db import raw
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_scopes import RowScope


async def written(
    listing: Listing, session: AsyncSession, caller: Caller, row_id: Any, status: int = 200
) -> Response:
    """The row just written, in the one representation that reads and lists also give."""
    await session.flush()
    response = await listing.one(await raw(session), caller, f"{listing.key} = {{}}", row_id)
    response.status_code = status
    return response


_DIFFERS = Text("与地址中的 {value} 不一致", "Differs from {value} in the address")


def require_same_key(payload: BaseModel, **in_path: Any) -> None:
    """An upsert names its key twice, in the address and in the body; both must agree.

    Raises:
        Invalid: they differ.
    """
    faults = [
        Fault(f"/{name}", "key.mismatch", _DIFFERS, {"value": str(value)})
        for name, value in in_path.items()
        if getattr(payload, name) != value
    ]
    if faults:
        raise Invalid(faults)


_OUT_OF_SCOPE = Text("不在您的权限范围内", "Outside your scope")


def require_admitted(rows: RowScope, caller: Caller, values: Mapping[str, Any]) -> None:
    """Refuse a new row that the caller would not see.

    Raises:
        Invalid: `row.out_of_scope`.
        MissingScope: the caller belongs to no bureau.
    """
    if not rows.admits(caller, **values):
        raise Invalid([Fault("", "row.out_of_scope", _OUT_OF_SCOPE)])


TheClock = Annotated[Clock, resource(Clock)]
