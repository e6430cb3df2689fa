"""Routes of exports: open, watch, fetch, cancel."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse

from services.chassis.audit.log import record
from services.chassis.core.errors import Invalid, StorageFull, documents
from services.chassis.core.resources import resource
from services.chassis.core.text import current_language
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Conn, Connection
from services.chassis.exports import opening
from services.chassis.exports.answers import Lists, query_of
from services.chassis.exports.downloading import (
    ExportExpired,
    NotCompleted,
    RangeNotSatisfiable,
    etag_of_file,
    file_of,
    file_response,
    span_of,
)
from services.chassis.exports.exports import Exports
from services.chassis.exports.opening import Ended, NotEnded
from services.chassis.exports.queries import (
    ExportNotFound,
    exports_listing,
    require_export,
)
from services.chassis.exports.schemas import ExportOptions, ExportRead
from services.chassis.exports.store import ENDED
from services.chassis.http.header_lengths import MAX_RANGE
from services.chassis.http.idempotency import KeyReused, NeedsKey
from services.chassis.http.long_poll import TooManyWaitingRequests
from services.chassis.http.preconditions import UNVERSIONED, current_conditions, names
from services.chassis.http.route_rules import KEEPS_KEYS, WAITS_IF_ASKED
from services.chassis.lists.listing import PageParams
from services.chassis.openapi.response_headers import LATER, references
from services.chassis.openapi.successes import FILES
from services.chassis.queue.operations import RETRY_AFTER, Key, Wait, answer_when_over

router = APIRouter(prefix="/v1/exports", tags=["exports 导出"])

_FILE_HEADERS = references("ETag", "Content-Disposition", "Accept-Ranges", "Repr-Digest")
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": FILES, "headers": _FILE_HEADERS},
    206: {
        "description": "The part that `Range` asks for",
        "content": FILES,
        "headers": _FILE_HEADERS | references("Content-Range"),
    },
    304: {
        "description": "Not modified: as `If-None-Match` has it (未变化)",
        "headers": references("ETag"),
    },
}
# Only its parameters are used: they are the same in both languages.
_JOBS = exports_listing("zh-CN")


TheExports = Annotated[Exports, resource(Exports)]
# Whoever has a token; an export demands the scope of its list beside that.
Anyone = Annotated[Caller, allow("codes:read")]


@router.get("", summary="List exports (导出任务列表)", response_model=_JOBS.page_schema)
async def list_exports(
    params: Annotated[PageParams, query_of(_JOBS)], caller: Anyone, lists: Lists
) -> Response:
    """The caller's own exports, past ones too."""
    return await lists.answer(exports_listing(current_language.get()), caller, params)


@router.post(
    "",
    summary="Export a list (新建导出)",
    status_code=202,
    response_model=ExportRead,
    responses={
        202: LATER,
        **documents(KeyReused, Invalid, opening.TooManyWaiting, StorageFull),
    },
    dependencies=[NeedsKey],
    openapi_extra=KEEPS_KEYS,
)
async def create_export(
    options: ExportOptions,
    caller: Anyone,
    exports: TheExports,
    idempotency_key: Key,
) -> Response:
    """Write every row of a selection into a file, to be fetched when it is complete.

    It holds what the caller may see as it begins. With the same key again, it is the same export.
    """
    exports.quota.require_disk()
    async with exports.database.connection(caller) as connection:
        opened = await opening.open_export(connection, exports, caller, options, idempotency_key)
        response = await _answer(connection, caller, opened.id, 202)
    if not opened.is_new:
        response.headers["Idempotent-Replayed"] = "true"
    return response


@router.get(
    "/{export_id}",
    summary="Read an export (导出任务)",
    response_model=ExportRead,
    responses={200: LATER, **documents(ExportNotFound, TooManyWaitingRequests)},
    openapi_extra=WAITS_IF_ASKED,
)
async def read_export(
    export_id: UUID, caller: Anyone, exports: TheExports, request: Request, wait: Wait
) -> Response:
    """How far it is; with `wait` the answer comes with its end, or after that time."""

    async def answer() -> Response:
        async with exports.database.connection(caller) as connection:
            return await _answer(connection, caller, export_id)

    return await answer_when_over(request, answer, exports.lookout, export_id, wait)


@router.get(
    "/{export_id}/content",
    summary="Fetch the file of an export (下载文件)",
    response_class=StreamingResponse,
    responses={
        **_FILE,
        **documents(ExportNotFound, NotCompleted, ExportExpired, RangeNotSatisfiable),
    },
)
async def get_content(
    export_id: UUID,
    caller: Anyone,
    exports: TheExports,
    range_: Annotated[
        str | None,
        Header(
            alias="Range",
            max_length=MAX_RANGE,
            description="`bytes=first-`, to go on where a download broke off (断点续传)",
            examples=["bytes=1048576-"],
        ),
    ] = None,
    if_range: Annotated[
        str | None,
        Header(
            alias="If-Range",
            max_length=MAX_RANGE,
            description="ETag of the part one has (续传依据)",
            examples=['"1f0a3c5e7b9d2468"'],
        ),
    ] = None,
) -> Response:
    """The whole file, or with `Range` a part of it; `Repr-Digest` is that of the whole file."""
    async with exports.database.connection(caller) as connection:
        job = await require_export(connection, caller, export_id)
        file, etag = file_of(exports, job), etag_of_file(job)
        if names(current_conditions.get().if_none_match or "", etag):
            return Response(status_code=304, headers={"ETag": etag})
        span = span_of(range_, job["bytes"]) if if_range in (None, etag) else None
        detail = {"first": span.first, "last": span.last} if span else None
        resource = job["resource"]
        await record(connection, caller, "export_download", resource, export_id, detail=detail)
    return file_response(job, file, span)


@router.post(
    "/{export_id}:cancel",
    summary="Cancel an export (取消导出)",
    status_code=202,
    response_model=ExportRead,
    responses={202: LATER, **documents(ExportNotFound, Ended)},
)
async def cancel_export(export_id: UUID, caller: Anyone, connection: Connection) -> Response:
    """Call it off; what has been written is removed."""
    job = await require_export(connection, caller, export_id)
    await opening.cancel_export(connection, caller, job)
    return await _answer(connection, caller, export_id, 202)


@router.delete(
    "/{export_id}/content",
    summary="Remove the file of an export (删除文件)",
    status_code=204,
    responses=documents(ExportNotFound, NotEnded),
    openapi_extra=UNVERSIONED,
)
async def remove_export_file(
    export_id: UUID, caller: Anyone, exports: TheExports, connection: Connection
) -> None:
    """Remove the file of an export that has ended, before it expires."""
    await opening.discard_export(connection, exports, caller, export_id)


async def _answer(connection: Conn, caller: Caller, export_id: UUID, status: int = 200) -> Response:
    listing = exports_listing(current_language.get())
    response = await listing.one(connection, caller, "id = {}", export_id)
    response.status_code = status
    if orjson.loads(response.body)["state"] not in ENDED:
        response.headers.update(RETRY_AFTER)
    return response
