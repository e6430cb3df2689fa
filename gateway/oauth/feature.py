"""The OAuth feature: tokens for API clients (令牌)."""

from gateway.oauth.router import router
from services.chassis.runtime.feature import Feature

FEATURE = Feature(
    routers=(router,),
)
