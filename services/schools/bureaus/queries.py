"""Which bureaus a caller sees."""

from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.listing import Listing
from services.chassis.lists.pinyin.named import NameSearch
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
