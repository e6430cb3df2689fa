"""How directives are listed."""

from services.appraisal.directives.models import DirectiveRead
from services.chassis.auth import Caller
from services.chassis.listing import Listing, Where


def visible_to(caller: Caller, where: Where) -> None:
    """The directives of the caller's bureau."""
    where.add("bureau_code = {}", caller.bureau_code)


DIRECTIVES = Listing(
    "directives",
    DirectiveRead,
    "directive",
    visible_to,
    filters=("directive_no", "year", "staff_no", "effect", "state", "case_no"),
    ranges=("decided_on",),
    sorts=("created_at", "staff_no"),
)
