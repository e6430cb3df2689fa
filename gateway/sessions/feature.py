"""The sessions feature: logging in and refreshing tokens (登录)."""

from gateway.sessions.models import RefreshToken
from gateway.sessions.router import router
from services.chassis.runtime.feature import Feature

FEATURE = Feature(
    routers=(router,),
    tables=(RefreshToken,),
)
