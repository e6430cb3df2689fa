"""The documentation feature: the merged OpenAPI document and its page (接口文档)."""

from gateway.documents.router import router
from services.chassis.runtime.feature import Feature

FEATURE = Feature(
    routers=(router,),
)
