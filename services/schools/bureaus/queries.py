"""Which bureaus a caller sees."""

from services.chassis.auth import Caller
from services.chassis.listing import Listing
from services.chassis.named import NameSearch
from services.chassis.where import Where
from services.schools.bureaus.models import BureauRead


def visible_to(caller: Caller, where: Where) -> None:
    """Platform accounts see every bureau, everybody else their own."""
    if caller.bureau is not None:
        where.add("bureau_code = {}", caller.bureau)


BUREAUS = Listing(
    "bureaus",
    BureauRead,
    "bureau",
    visible_to,
    search=NameSearch(anywhere=True),
    sorts=("bureau_code", "name", "created_at", "updated_at"),
)
