"""Import of repairs."""

from services.chassis.core.text import Text
from services.chassis.imports.declaration.spec import ImportSpec
from tests.example_feature.repairs.models import Repair, RepairWrite
from tests.example_feature.repairs.queries import REPAIRS

REPAIR_IMPORT = ImportSpec(
    resource="repairs",
    title=Text("报修", "Repairs"),
    model=Repair,
    row=RepairWrite,
    listing=REPAIRS,
    key=("repair_no",),
    scope="repairs:write",
)
