"""Which repairs a caller sees, and how they are listed."""

from services.chassis.lists.listing import Listing
from services.chassis.lists.row_rules import WHOLE_BUREAU, of_schools
from services.chassis.lists.row_scopes import RowScope
from tests.example_feature.repairs.models import RepairRead
from tests.example_feature.repairs.states import REPAIR_PROCEDURE

REPAIRS = Listing(
    "repairs",
    RepairRead,
    "repair",
    RowScope("repair", {"bureau": WHOLE_BUREAU, "schools": of_schools()}),
    sorts=("repair_no", "created_at"),
    procedure=REPAIR_PROCEDURE,
)
