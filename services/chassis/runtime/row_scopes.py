"""Row scopes of the tables that every service has from the chassis."""

from collections.abc import Collection, Sequence

from services.chassis.audit.row_scopes import FLOOR_ROWS, SEAL_ROWS, WITHHELD_ROWS
from services.chassis.database.levels import BUREAU, OWN_SUBJECT, PERSON, PLATFORM, SCHOOLS
from services.chassis.exports.queries import EXPORT_ROWS
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.engine.row_scopes import import_rows, rows_of_import
from services.chassis.lists.row_rules import Matching
from services.chassis.lists.row_scopes import RowScope

_STORED_RESPONSES = RowScope(
    "idempotency",
    dict.fromkeys(
        (BUREAU, SCHOOLS, PERSON, PLATFORM), Matching(OWN_SUBJECT, "subject", is_of_bureau=False)
    ),
)
# The service itself counts the storage of each account.
_HELD_FILES = RowScope("held_file", {})


def shared_row_scopes(specs: Collection[ImportSpec]) -> Sequence[RowScope]:
    """Who sees which rows of the chassis's tables.

    Args:
        specs: what the service imports.
    """
    return (
        WITHHELD_ROWS,
        FLOOR_ROWS,
        SEAL_ROWS,
        _STORED_RESPONSES,
        _HELD_FILES,
        EXPORT_ROWS,
        import_rows(specs),
        rows_of_import("import_part", specs),
        rows_of_import("import_fault", specs),
    )
