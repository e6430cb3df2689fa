"""What writes answer with: the row as the list shows it, read back in the same transaction."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.auth import Caller
from services.chassis.clock import Clock
from services.chassis.db import raw
from services.chassis.errors import Fault, Invalid, UnsupportedMediaType
from services.chassis.listing import Listing
from services.chassis.text import Text

IMPORT_TYPES = ("text/csv", "application/x-ndjson")


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


async def clock_of(request: Request) -> Clock:
    """The clock of the service that serves `request`."""
    clock: Clock = request.app.state.clock
    return clock


TheClock = Annotated[Clock, Depends(clock_of)]


class Upload:
    """The file that an import route received."""

    def __init__(self, body: bytes, media_type: str) -> None:
        self.body, self.media_type = body, media_type


async def uploaded_file(request: Request) -> Upload:
    """The request's body as a file; routes name it after the caller, so strangers send nothing.

    Raises:
        UnsupportedMediaType: before the body is read.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in IMPORT_TYPES:
        raise UnsupportedMediaType(accepted=", ".join(IMPORT_TYPES))
    return Upload(await request.body(), media_type)


UploadedFile = Annotated[Upload, Depends(uploaded_file)]

# The OpenAPI request body of an import route.
IMPORT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "UTF-8; header row with field names or their Chinese titles",
        "content": {kind: {"schema": {"type": "string"}} for kind in IMPORT_TYPES},
    }
}
