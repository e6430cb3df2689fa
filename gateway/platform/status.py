"""Status of the services."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from gateway.proxy.errors import ServiceUnavailable
from gateway.proxy.upstreams import Upstreams
from services.chassis.core.resources import resource
from services.chassis.core.scopes import PlatformScope
from services.chassis.core.tags import PLATFORM_TAG
from services.chassis.database.auth import Caller, allow

router = APIRouter(tags=[PLATFORM_TAG])


class ServiceStatus(BaseModel):
    """Status of one service (服务状态)."""

    service: str = Field(description="Path segment of the service", examples=["schools"])
    status: Literal["ok", "unavailable"] = Field(
        description="Readiness of the service", examples=["ok"]
    )


class PlatformStatus(BaseModel):
    """Status of all services behind the gateway (平台状态)."""

    services: list[ServiceStatus] = Field(description="All services")


TheUpstreams = Annotated[Upstreams, resource(Upstreams)]


@router.get("/v1/status", summary="Read the status of the services (服务状态)")
async def read_status(
    upstreams: TheUpstreams, _caller: Annotated[Caller, allow(PlatformScope.CODES_READ)]
) -> PlatformStatus:
    """The readiness of every service, queried now."""
    names = list(upstreams.addresses)
    return PlatformStatus(
        services=list(await asyncio.gather(*(_status(upstreams, name) for name in names)))
    )


async def _status(upstreams: Upstreams, service: str) -> ServiceStatus:
    try:
        await upstreams.ask(service, "GET", "/readyz")
    except ServiceUnavailable:
        return ServiceStatus(service=service, status="unavailable")
    return ServiceStatus(service=service, status="ok")
