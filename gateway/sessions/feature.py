"""The sessions feature: logging in and refreshing tokens (登录)."""

from datetime import timedelta

from gateway.accounts.queries import ACCOUNT_ROWS
from gateway.sessions.models import LoginSession
from gateway.sessions.router import router
from gateway.sessions.store import forget_ended
from gateway.settings import GatewaySettings
from services.chassis.core.resources import Resources
from services.chassis.database.db import Database
from services.chassis.lists.row_rules import EVERY_BUREAU, Through
from services.chassis.lists.row_scopes import RowScope
from services.chassis.runtime.feature import Feature


async def delete_ended_sessions(resources: Resources) -> None:
    """Delete sessions that are over, and answers that are given no more."""
    settings = resources[GatewaySettings]
    await forget_ended(resources[Database], timedelta(seconds=settings.refresh_replay_seconds))


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
