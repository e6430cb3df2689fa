"""The sessions feature: login and token refresh (登录)."""

from datetime import timedelta

from gateway.accounts.queries import ACCOUNT_ROWS
from gateway.sessions.models import LoginSession
from gateway.sessions.router import router
from gateway.sessions.store import delete_expired
from gateway.settings import GatewaySettings
from services.chassis.core.resources import Resources
from services.chassis.database.db import Database
from services.chassis.lists.row_rules import EVERY_BUREAU, Through
from services.chassis.lists.row_scopes import RowScope
from services.chassis.runtime.feature import Feature


async def delete_ended_sessions(resources: Resources) -> None:
    """Delete expired sessions and stored responses that have expired."""
    settings = resources[GatewaySettings]
    await delete_expired(resources[Database], timedelta(seconds=settings.refresh_replay_seconds))


_OF_ACCOUNT = Through(ACCOUNT_ROWS, "a", "a.id = {row}account_id", is_of_bureau=False)
SESSION_ROWS = RowScope(
    "login_session",
    {
        "platform": EVERY_BUREAU,
        "bureau": _OF_ACCOUNT,
        "schools": _OF_ACCOUNT,
        "person": _OF_ACCOUNT,
    },
)

FEATURE = Feature(
    routers=(router,),
    tables=(LoginSession,),
    row_scopes=(SESSION_ROWS,),
    duties=(delete_ended_sessions,),
)
