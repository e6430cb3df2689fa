"""How directives are listed."""

from services.appraisal.directives.models import DirectiveRead
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_scopes import whole_bureau

DIRECTIVES = Listing(
    "directives",
    DirectiveRead,
    "directive",
    whole_bureau(),
    sorts=("created_at", "staff_no", "decided_on", "year"),
)
