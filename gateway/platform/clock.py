"""The movable clock of the gateway and all services (development only)."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.platform.status import TheUpstreams
from gateway.proxy.errors import ServiceUnavailable
from gateway.proxy.upstreams import Upstreams
from services.chassis.core.errors import Unavailable, documents
from services.chassis.core.scopes import PlatformScope
from services.chassis.core.tags import PLATFORM_TAG
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow, bearer_token
from services.chassis.database.clock import CHINA
from services.chassis.http.preconditions import UNVERSIONED
from services.chassis.lists.writing import TheClock
from services.chassis.runtime.clock_routes import ClockMove, ClockReading

router = APIRouter(prefix="/v1/clock", tags=[PLATFORM_TAG])

MaySetClock = Annotated[Caller, allow(PlatformScope.CLOCK_WRITE)]


class ClockPartlyMoved(Unavailable):
    """Some services could not be reached, and their clocks have not been moved."""

    code = "gateway.clock_partly_moved"
    title = Text("时钟未全部拨动", "Clock partly moved")
    detail = Text(
        "已拨动：{moved}；未拨动：{failed}。请在服务恢复后重试。",
        "Moved: {moved}; not moved: {failed}. Try again when all services are available.",
    )


@router.get("", summary="Read the clock (读取时钟)")
async def read_clock(clock: TheClock, _caller: MaySetClock) -> ClockReading:
    """The current time of the platform."""
    now = await clock.now()
    return ClockReading(now=now, moved=abs(now - datetime.now(CHINA)) > timedelta(seconds=1))


@router.put(
    "",
    summary="Move the clock (拨动时钟)",
    responses=documents(ClockPartlyMoved),
    openapi_extra=UNVERSIONED,
)
async def move_clock(
    payload: ClockMove,
    clock: TheClock,
    upstreams: TheUpstreams,
    token: Annotated[str, Depends(bearer_token)],
    caller: MaySetClock,
) -> ClockReading:
    """Set the time of the whole platform, for example to let working days pass in a test."""
    names = list(upstreams.addresses)
    body = payload.model_dump(mode="json")
    outcomes = await asyncio.gather(*(_move(upstreams, name, token, body) for name in names))
    await clock.move(payload.now - datetime.now(CHINA) if payload.now else timedelta())
    failed = [name for name, moved in zip(names, outcomes, strict=True) if not moved]
    if failed:
        moved = ["gateway", *(name for name in names if name not in failed)]
        raise ClockPartlyMoved(moved=", ".join(moved), failed=", ".join(failed))
    return await read_clock(clock, caller)


async def _move(upstreams: Upstreams, service: str, token: str, body: dict[str, object]) -> bool:
    try:
        await upstreams.ask(service, "PUT", "/v1/clock", token=token, json=body)
    except ServiceUnavailable:
        return False
    return True
