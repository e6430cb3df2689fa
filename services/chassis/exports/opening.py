"""Opens exports."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.core.errors import Fault, Invalid, MissingScope
from services.chassis.core.text import Text, current_language
from services.chassis.database.auth import Caller
from services.chassis.database.clock import CHINA
from services.chassis.database.db import Conn
from services.chassis.exports.exports import Exports
from services.chassis.exports.kind import EXPORTS
from services.chassis.exports.presentation import Presentation
from services.chassis.exports.queries import reach_of
from services.chassis.exports.schemas import ExportOptions
from services.chassis.exports.spec import Exportable
from services.chassis.files.formats import FileKind
from services.chassis.lists.listing import Listing
from services.chassis.lists.query import read_selection
from services.chassis.operations.opening import Opened, Request, open_operation
from services.chassis.queue.jobs import enqueue_on

_NEEDED = Text("导出 {resource} 时必填", "Needed to export {resource}")
_NOT_TAKEN = Text("导出 {resource} 时不可用", "Not taken when {resource} are exported")


async def open_export(
    connection: Conn, exports: Exports, caller: Caller, options: ExportOptions, key: str
) -> Opened:
    """Write an export down and let it begin, or find the one that the same request has opened.

    Raises:
        MissingScope: the caller may not read the list.
        Invalid: there is no such list, what it needs is missing, or its format has no header.
        RequestValidationError: a filter is wrong.
        NotFound: what the rows belong to is not there for the caller.
        KeyReused: the key belongs to another request.
        TooManyUnfinished: the account has too many; nothing is written down.
    """
    exportable = exports.exportable(options.resource)
    if not caller.may(exportable.scope):
        raise MissingScope(scope=exportable.scope)
    _require_parents(exportable, options.within)
    language = current_language.get()
    listing = exportable.listing_in(language)
    selection = read_selection(listing, options.query)
    Presentation.of(selection, options.format, "/query")
    if exportable.guard:
        await exportable.guard(connection, caller, options.within)
    await _try(connection, listing, caller, selection, exportable.columns(options.within))
    request = Request(key, f"{reach_of(caller)} {options.model_dump_json()}")
    opened = await open_operation(
        connection,
        exports,
        caller,
        request,
        reach=reach_of(caller),
        scopes=sorted(caller.scopes),
        resource=exportable.resource,
        within={name: str(value) for name, value in options.within.items()},
        query=selection.model_dump(mode="json", exclude_unset=True),
        format=options.format,
        compress=options.compress,
        bom=options.bom,
        language=language,
        file_name=_file_name(exportable, options),
    )
    if opened.is_new:
        await enqueue_on(
            connection, exports.database.name, EXPORTS.run_job, EXPORTS.payload(opened.id)
        )
    return opened


def _file_name(exportable: Exportable, options: ExportOptions) -> str:
    now, kind = datetime.now(CHINA), FileKind.of(options)
    return f"{exportable.resource}-{now:%Y%m%d-%H%M}.{kind.suffix}"


def _require_parents(exportable: Exportable, within: Mapping[str, UUID]) -> None:
    params = {"resource": exportable.resource}
    wrong = exportable.within.keys() ^ within.keys()
    faults = [
        Fault(f"/within/{name}", "missing", _NEEDED, params)
        if name in exportable.within
        else Fault(f"/within/{name}", "extra_forbidden", _NOT_TAKEN, params)
        for name in sorted(wrong)
    ]
    if faults:
        raise Invalid(faults)


async def _try(
    connection: Conn, listing: Listing, caller: Caller, selection: Any, parents: dict[str, Any]
) -> None:
    """Select nothing, with these filters: PostgreSQL refuses a value that it cannot take."""
    where = listing.where(caller, selection, parents)
    await connection.fetch(f"select from {listing.source} {where.sql()} limit 0", *where.args)
