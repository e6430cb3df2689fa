"""The sessions feature: login and token refresh (登录)."""

from datetime import timedelta

from gateway.sessions.models import LoginSession
from gateway.sessions.router import router
from gateway.sessions.store import delete_expired
from gateway.settings import GatewaySettings
from services.chassis.core.resources import Resources
from services.chassis.database.db import Database
from services.chassis.runtime.feature import Feature


async def delete_ended_sessions(resources: Resources) -> None:
    """Delete expired sessions and stored responses that have expired."""
    settings = resources[GatewaySettings]
    await delete_expired(resources[Database], timedelta(seconds=settings.refresh_replay_seconds))


FEATURE = Feature(
    routers=(router,),
    tables=(LoginSession,),
    duties=(delete_ended_sessions,),
)
