"""The platform feature: the state of all services (平台)."""

from gateway.platform.status import router
from services.chassis.runtime.feature import Feature

FEATURE = Feature(
    routers=(router,),
)
