"""Exports that a caller sees, and how they are listed."""

from functools import cache

from services.chassis.core.text import Language
from services.chassis.database.auth import Caller
from services.chassis.database.levels import BUREAU, OWN_SUBJECT, PERSON, PLATFORM, SCHOOLS
from services.chassis.database.sql_conditions import Where
from services.chassis.exports.kind import EXPORT_MACHINE, EXPORTS
from services.chassis.exports.schemas import ExportRead
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_rules import OF_ACCOUNT, Matching
from services.chassis.lists.row_scopes import RowScope

_OF_PLATFORM = Matching(
    OWN_SUBJECT, "subject", where="{row}bureau_code is null", is_of_bureau=False
)
EXPORT_ROWS = RowScope(
    "export_job",
    {**dict.fromkeys((BUREAU, SCHOOLS, PERSON), OF_ACCOUNT), PLATFORM: _OF_PLATFORM},
)


def reach_of(caller: Caller) -> str:
    """Whose rows a caller sees, apart from its scopes."""
    return f"{caller.level} {','.join(sorted(caller.schools))} {caller.staff_no or ''}"


def visible_to(caller: Caller, where: Where) -> None:
    """The caller's own exports, as long as it may still see all that they show."""
    EXPORT_ROWS(caller, where)
    where.add("reach = {}", reach_of(caller))
    where.add("scopes <@ {}::text[]", sorted(caller.scopes))


@cache
def exports_listing(language: Language) -> Listing:
    """The list of exports, problems in `language`."""
    return Listing(
        "exports",
        ExportRead,
        EXPORTS.table,
        visible_to,
        sorts=("created_at", "finished_at"),
        sql={"problem": f"problem->'{language}'"},
        procedure=EXPORT_MACHINE,
        missing=EXPORTS.problems.not_found,
        shows_more=True,
    )
