"""How directives are listed."""

from services.appraisal.directives.models import DirectiveRead
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_rules import WHOLE_BUREAU
from services.chassis.lists.row_scopes import RowScope

DIRECTIVE_ROWS = RowScope("directive", {"bureau": WHOLE_BUREAU})

DIRECTIVES = Listing(
    "directives",
    DirectiveRead,
    "directive",
    DIRECTIVE_ROWS,
    sorts=("created_at", "staff_no", "decided_on", "year"),
)
