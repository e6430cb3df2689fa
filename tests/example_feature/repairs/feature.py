"""The repairs feature (报修)."""

from services.chassis.runtime.feature import Feature
from tests.example_feature.repairs.importing import REPAIR_IMPORT
from tests.example_feature.repairs.models import Repair
from tests.example_feature.repairs.queries import REPAIRS
from tests.example_feature.repairs.router import REPAIR, router

FEATURE = Feature.of_list(
    REPAIRS, REPAIR, "repairs:read", Repair, (router,), imports=(REPAIR_IMPORT,)
)
