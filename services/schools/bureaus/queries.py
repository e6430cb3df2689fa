"""Visibility and listing of bureaus."""

from services.chassis.lists.listing import Listing
from services.chassis.lists.pinyin.named import NameSearch
from services.chassis.lists.row_rules import EVERY_BUREAU, WHOLE_BUREAU
from services.chassis.lists.row_scopes import RowScope
from services.schools.bureaus.models import BureauRead

# Platform accounts see every bureau, everybody else their own.
BUREAU_ROWS = RowScope(
    "bureau",
    {
        "bureau": WHOLE_BUREAU,
        "schools": WHOLE_BUREAU,
        "person": WHOLE_BUREAU,
        "platform": EVERY_BUREAU,
    },
)

BUREAUS = Listing(
    "bureaus",
    BureauRead,
    "bureau",
    BUREAU_ROWS,
    search=NameSearch(anywhere=True),
    sorts=("bureau_code", "name", "created_at", "updated_at"),
)
