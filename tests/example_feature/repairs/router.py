"""Routes of repairs."""

from fastapi import APIRouter

from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.runtime.standard_routes import add_creation, add_reading, add_verbs
from tests.example_feature.repairs.models import Repair, RepairWrite
from tests.example_feature.repairs.queries import REPAIRS

REPAIR = Text("报修", "a repair")

TAG = Tag("repairs", Text("报修", "Repairs of school buildings"))
router = APIRouter(prefix="/v1/repairs", tags=[TAG])
add_reading(router, REPAIRS, REPAIR, "repairs:read")
add_creation(router, REPAIRS, REPAIR, Repair, RepairWrite, "repairs:write")
add_verbs(router, REPAIRS, REPAIR, Repair)
