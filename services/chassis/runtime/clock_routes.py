"""Moving the clock: a development-only route, absent in production."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.chassis.core.scopes import PlatformScope
from services.chassis.core.tags import PLATFORM_TAG
from services.chassis.database.auth import Caller, allow
from services.chassis.database.clock import CHINA
from services.chassis.http.preconditions import UNVERSIONED
from services.chassis.lists.writing import TheClock
from services.chassis.schemas.fields import Moment
from services.chassis.schemas.strict_bodies import Body

clock_router = APIRouter(prefix="/v1/clock", tags=[PLATFORM_TAG])


class ClockReading(BaseModel):
    """The moment by the platform's clock (平台时钟)."""

    now: datetime = Field(
        description="In China's time zone", examples=["2026-01-05T09:00:00+08:00"]
    )
    moved: bool = Field(description="Whether it differs from real time", examples=[True])


class ClockMove(Body):
    """A new moment for the clock; null returns it to real time (拨钟)."""

    now: Moment | None = Field(
        description="With its offset; null for real time",
        examples=["2026-01-05T09:00:00+08:00"],
    )


@clock_router.get("", summary="Read the clock (读取时钟)")
async def read_clock(
    clock: TheClock, _caller: Annotated[Caller, allow(PlatformScope.CLOCK_WRITE)]
) -> ClockReading:
    """The moment this service works with."""
    now = await clock.now()
    return ClockReading(now=now, moved=abs(now - datetime.now(CHINA)) > timedelta(seconds=1))


@clock_router.put("", summary="Move the clock (拨动时钟)", openapi_extra=UNVERSIONED)
async def move_clock(
    payload: ClockMove, clock: TheClock, caller: Annotated[Caller, allow(PlatformScope.CLOCK_WRITE)]
) -> ClockReading:
    """Let this service work at another moment, so that working days can pass in a test."""
    offset = payload.now - datetime.now(CHINA) if payload.now else timedelta()
    await clock.move(offset)
    return await read_clock(clock, caller)
