"""A service with one feature: repairs of schools (报修)."""

from services.chassis.runtime.feature import Service
from tests.example_feature.base import METADATA
from tests.example_feature.repairs import feature as repairs

SERVICE = Service(
    name="schools",
    title="Example 示例",
    metadata=METADATA,
    features=(repairs.FEATURE,),
)
