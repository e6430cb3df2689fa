"""Row scopes of imports, their parts and their faults."""

from collections.abc import Collection

from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.lists.row_rules import OF_ACCOUNT, WHOLE_BUREAU, Through
from services.chassis.lists.row_scopes import RowScope


def import_rows(specs: Collection[ImportSpec]) -> RowScope:
    """Who sees which imports: a school account its own, where all are private everybody theirs.

    Args:
        specs: what the service imports.
    """
    is_private = bool(specs) and all(spec.is_private for spec in specs)
    bureau = OF_ACCOUNT if is_private else WHOLE_BUREAU
    return RowScope("import_job", {"bureau": bureau, "schools": OF_ACCOUNT})


def rows_of_import(table: str, specs: Collection[ImportSpec]) -> RowScope:
    """Who sees the rows of a table that belong to imports: those who see the import.

    The bureau's accounts are restricted by the application, which asks for the import first.

    Args:
        table: its name; `job_id` is the import.
        specs: what the service imports.
    """
    of_import = Through(import_rows(specs), "j", "j.id = {row}job_id")
    return RowScope(table, {"bureau": WHOLE_BUREAU, "schools": of_import, "person": of_import})
