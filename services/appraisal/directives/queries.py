"""How directives are listed."""

from services.appraisal.directives.models import DirectiveRead
from services.chassis.auth import Caller
from services.chassis.listing import Listing
from services.chassis.where import Where


def visible_to(caller: Caller, where: Where) -> None:
    """The directives of the caller's bureau, for whoever works for all of it."""
    where.add("bureau_code = {}", caller.bureau_code)
    if caller.level != "bureau":
        where.add("false")


DIRECTIVES = Listing(
    "directives",
    DirectiveRead,
    "directive",
    visible_to,
    sorts=("created_at", "staff_no", "decided_on", "year"),
)
