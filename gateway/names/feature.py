"""The names feature: who an id in a record is (名称)."""

from gateway.names.router import router
from services.chassis.runtime.feature import Feature

FEATURE = Feature(
    routers=(router,),
)
