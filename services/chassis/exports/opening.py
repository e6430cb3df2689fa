"""Opens exports, and calls them off."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from services.chassis.audit.log import record
from services.chassis.core.errors import AppError, Conflict, Fault, Invalid, MissingScope
from services.chassis.core.text import Text, current_language
from services.chassis.database.auth import Caller
from services.chassis.database.clock import CHINA
from services.chassis.database.db import Conn, as_service
from services.chassis.exports.exports import Exports
from services.chassis.exports.queries import reach_of, require_export
from services.chassis.exports.runner import RUN
from services.chassis.exports.schemas import ExportOptions
from services.chassis.exports.spec import Exportable
from services.chassis.files.formats import FileKind
from services.chassis.files.held_files import release
from services.chassis.http.idempotency import KeyReused
from services.chassis.lists.listing import Listing
from services.chassis.lists.query import read_selection
from services.chassis.queue.jobs import enqueue_on

# Of one account: three are worked on at a time, and each leaves a file behind.
MOST_WAITING = 20
_RETRY_AFTER = 10
_NEEDED = Text("导出 {resource} 时必填", "Needed to export {resource}")
_NOT_TAKEN = Text("导出 {resource} 时不可用", "Not taken when {resource} are exported")


class Ended(Conflict):
    """There is nothing left to cancel."""

    code = "export.ended"
    title = Text("导出已结束", "The export has ended")
    detail = Text("该导出的状态为 {state}。", "This export is {state}.")


class NotEnded(Conflict):
    """The file is still being written."""

    code = "export.not_ended"
    title = Text("导出尚未结束", "The export has not ended")
    detail = Text(
        "该导出的状态为 {state};请先取消,或等待其结束。",
        "This export is {state}: cancel it, or wait for its end.",
    )


class TooManyWaiting(AppError):
    """The account has had as many exports begun as may be unfinished at a time."""

    status = 429
    code = "export.too_many_waiting"
    title = Text("未完成的导出过多", "Too many exports waiting")
    detail = Text(
        "您已有 {limit} 个导出尚未完成;请等待其结束,或取消后再试。",
        "{limit} of your exports have not ended yet; wait for them, or cancel some.",
    )

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": str(_RETRY_AFTER)}, limit=MOST_WAITING)


class Opened(NamedTuple):
    """An export that exists now.

    Attributes:
        id: of the export.
        is_new: False when the same request had opened it before.
    """

    id: UUID
    is_new: bool


_WAITING = "select count(*) from export_job where subject = $1 and state in ('queued', 'running')"
_OPEN = """
insert into export_job (bureau_code, subject, created_by, caller, reach, scopes, resource, within,
    query, format, compress, bom, language, file_name, idempotency_key, request_digest, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, now() + $17)
on conflict (subject, idempotency_key) do nothing returning id
"""


async def open_export(
    connection: Conn, exports: Exports, caller: Caller, options: ExportOptions, key: str
) -> Opened:
    """Write an export down and let it begin, or find the one that the same request has opened.

    Raises:
        MissingScope: the caller may not read the list.
        Invalid: there is no such list, or what it needs is missing.
        RequestValidationError: a filter is wrong.
        NotFound: what the rows belong to is not there for the caller.
        KeyReused: the key belongs to another request.
        TooManyWaiting: the account has too many that have not ended; nothing is written down.
    """
    exportable = exports.exportable(options.resource)
    if not caller.may(exportable.scope):
        raise MissingScope(scope=exportable.scope)
    _require_parents(exportable, options.within)
    language = current_language.get()
    listing = exportable.listing_in(language)
    selection = read_selection(listing, options.query)
    if exportable.guard:
        await exportable.guard(connection, caller, options.within)
    await _try(connection, listing, caller, selection, exportable.columns(options.within))
    digest = hashlib.sha256(f"{reach_of(caller)} {options.model_dump_json()}".encode()).digest()
    export_id = await connection.fetchval(
        _OPEN,
        caller.bureau,
        caller.subject,
        caller.name,
        caller.model_dump(mode="json"),
        reach_of(caller),
        sorted(caller.scopes),
        exportable.resource,
        {name: str(value) for name, value in options.within.items()},
        selection.model_dump(mode="json", exclude_unset=True),
        options.format,
        options.compress,
        options.bom,
        language,
        f"{exportable.resource}-{datetime.now(CHINA):%Y%m%d-%H%M}.{FileKind.of(options).suffix}",
        key,
        digest,
        timedelta(days=exports.settings.import_days),
    )
    if export_id is None:
        return Opened(await _opened_before(connection, caller, key, digest), is_new=False)
    if await connection.fetchval(_WAITING, caller.subject) > MOST_WAITING:
        raise TooManyWaiting
    await enqueue_on(connection, exports.database.name, RUN, {"export": str(export_id)})
    return Opened(export_id, is_new=True)


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


async def _opened_before(connection: Conn, caller: Caller, key: str, digest: bytes) -> UUID:
    before = await connection.fetchrow(
        "select id, request_digest from export_job where subject = $1 and idempotency_key = $2",
        caller.subject,
        key,
    )
    if before is None or before["request_digest"] != digest:
        raise KeyReused
    export_id: UUID = before["id"]
    return export_id


async def cancel_export(connection: Conn, caller: Caller, job: Any) -> None:
    """Call an export off: at once if it has not begun, in a moment if it runs.

    Raises:
        Ended: it is over.
    """
    is_called_off = await connection.fetchval(
        "update export_job set is_cancelled = true, version = version + 1, updated_at = now(), "
        "waits_for = null, "
        "state = case state when 'queued' then 'cancelled' else state end, "
        "finished_at = case state when 'queued' then now() end "
        "where id = $1 and state in ('queued', 'running') returning true",
        job["id"],
    )
    if not is_called_off:
        raise Ended(state=job["state"])
    await record(connection, caller, "export_cancel", job["resource"], job["id"])


_DISCARD = """
update export_job set is_expired = true, file_key = null, idempotency_key = null,
    expires_at = least(expires_at, now()), version = version + 1, updated_at = now()
where id = $1 and not is_expired and state not in ('queued', 'running') returning true
"""


async def discard_export(
    connection: Conn, exports: Exports, caller: Caller, export_id: UUID
) -> None:
    """Remove the file of an export that has ended, before it expires.

    Raises:
        ExportNotFound: there is no such export for the caller.
        NotEnded: it is still being written.
    """
    job = await require_export(connection, caller, export_id)
    if await connection.fetchval(_DISCARD, export_id):
        async with as_service(connection):
            await release(connection, [export_id])
        await record(connection, caller, "export_discard", job["resource"], export_id)
        exports.delete_files(export_id)  # before the commit, as when it expires
    elif not job["is_expired"]:
        raise NotEnded(state=job["state"])
