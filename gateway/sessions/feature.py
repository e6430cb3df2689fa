"""The sessions feature: logging in and refreshing tokens (登录)."""

from datetime import timedelta

from gateway.sessions.models import LoginSession
from gateway.sessions.router import router
from gateway.sessions.store import forget_ended
from gateway.settings import GatewaySettings
from services.chassis.core.resources import Resources
from services.chassis.database.db import Database
from services.chassis.runtime.feature import Feature


async def delete_ended_sessions(resources: Resources) -> None:
    """Delete sessions that are over, and answers that are given no more."""
    settings = resources[GatewaySettings]
    await forget_ended(resources[Database], timedelta(seconds=settings.refresh_replay_seconds))


FEATURE = Feature(
    routers=(router,),
    tables=(LoginSession,),
    duties=(delete_ended_sessions,),
)
