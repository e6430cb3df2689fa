"""Row scopes of the tables beside the change log."""

from services.chassis.lists.row_rules import EVERY_BUREAU, WHOLE_BUREAU, ReadOnly
from services.chassis.lists.row_scopes import RowScope

WITHHELD_ROWS = RowScope(
    "change_withheld", {"bureau": ReadOnly(WHOLE_BUREAU), "platform": ReadOnly(EVERY_BUREAU)}
)
# Positions, the same for every bureau.
FLOOR_ROWS = RowScope("change_floor", {"bureau": ReadOnly(EVERY_BUREAU)})
# The service itself seals and verifies.
SEAL_ROWS = RowScope("change_seal", {})
