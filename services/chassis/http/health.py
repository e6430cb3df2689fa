"""`/livez`, `/readyz` and `/metrics` of every process."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from services.chassis.core.errors import Unavailable, documents
from services.chassis.core.metrics import metrics_response
from services.chassis.core.tags import PLATFORM_TAG
from services.chassis.database.db import Database, database_of

health_router = APIRouter(tags=[PLATFORM_TAG])


class Health(BaseModel):
    """Health of the process (健康状态)."""

    status: str = Field(description="Always `ok`", examples=["ok"])


@health_router.get("/livez", summary="Liveness check (存活)")
async def livez() -> Health:
    """Returns 200 while the process is running."""
    return Health(status="ok")


@health_router.get("/readyz", summary="Readiness check (就绪)", responses=documents(Unavailable))
async def readyz(database: Annotated[Database, Depends(database_of)]) -> Health:
    """Returns 200 when the database responds, otherwise 503."""
    async with database.connection(None) as connection:
        await connection.fetchval("select 1 from clock")
    return Health(status="ok")


@health_router.get("/metrics", summary="Prometheus metrics (指标)", response_class=Response)
async def metrics() -> Response:
    """Counters and histograms by route template."""
    return metrics_response()
