"""Routes of exports: open, watch, fetch, cancel."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse

from services.chassis.audit.log import record
from services.chassis.core.errors import Invalid, StorageFull, documents
from services.chassis.core.resources import resource
from services.chassis.core.tags import EXPORTS_TAG
from services.chassis.core.text import current_language
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Conn, Connection
from services.chassis.exports.answers import Lists, query_of
from services.chassis.exports.downloading import (
    NotCompleted,
    RangeNotSatisfiable,
    etag_of_file,
    file_of,
    file_response,
    range_of,
)
from services.chassis.exports.exports import Exports
from services.chassis.exports.kind import EXPORTS, SCOPE
from services.chassis.exports.opening import open_export
from services.chassis.exports.queries import exports_listing, visible_to
from services.chassis.exports.schemas import ExportOptions
from services.chassis.files.sealed_blocks import FileDamaged
from services.chassis.http.header_lengths import MAX_RANGE
from services.chassis.http.idempotency import NeedsKey
from services.chassis.http.idempotency_claims import KeyReused
from services.chassis.http.long_poll import TooManyWaitingRequests
from services.chassis.http.preconditions import UNVERSIONED, current_conditions, names
from services.chassis.http.route_rules import KEEPS_KEYS, WAITS_IF_ASKED
from services.chassis.lists.listing import PageParams
from services.chassis.openapi.response_headers import LATER, references
from services.chassis.openapi.successes import FILES
from services.chassis.operations.answers import IdempotencyKey, answer_with, require_operation
from services.chassis.operations.cancellation import cancel_operation
from services.chassis.operations.discarding import discard_operation
from services.chassis.operations.watching import Wait, answer_at_end

router = APIRouter(prefix="/v1/exports", tags=[EXPORTS_TAG])

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


_PROBLEMS = EXPORTS.problems

TheExports = Annotated[Exports, resource(Exports)]
# Any token is accepted; an export also requires the scope of its list.
Anyone = Annotated[Caller, allow(SCOPE)]


@router.get("", summary="List exports (导出任务列表)", response_model=_JOBS.page_schema)
async def list_exports(
    params: Annotated[PageParams, query_of(_JOBS)], caller: Anyone, lists: Lists
) -> Response:
    """The caller's own exports, present and past."""
    return await lists.answer(exports_listing(current_language.get()), caller, params)


@router.post(
    "",
    summary="Export a list (新建导出)",
    status_code=202,
    response_model=_JOBS.row_schema,
    responses={
        202: LATER,
        **documents(KeyReused, Invalid, _PROBLEMS.too_many, StorageFull),
    },
    dependencies=[NeedsKey],
    openapi_extra=KEEPS_KEYS,
)
async def create_export(
    options: ExportOptions,
    caller: Anyone,
    exports: TheExports,
    idempotency_key: IdempotencyKey,
) -> Response:
    """Write every row of a selection into a file, to be fetched when it is complete.

    It holds what the caller may see as it begins. With the same key again, it is the same export.
    """
    exports.quota.require_disk()
    async with exports.database.connection(caller) as connection:
        opened = await open_export(connection, exports, caller, options, idempotency_key)
        response = await _answer(connection, caller, opened.id, 202)
    if not opened.is_new:
        response.headers["Idempotent-Replayed"] = "true"
    return response


@router.get(
    "/{export_id}",
    summary="Read an export (导出任务)",
    response_model=_JOBS.row_schema,
    responses={200: LATER, **documents(_PROBLEMS.not_found, TooManyWaitingRequests)},
    openapi_extra=WAITS_IF_ASKED,
)
async def read_export(
    export_id: UUID, caller: Anyone, exports: TheExports, request: Request, wait: Wait
) -> Response:
    """Progress of the export; with `wait`, returned at its end or after that time."""

    async def answer() -> Response:
        async with exports.database.connection(caller) as connection:
            return await _answer(connection, caller, export_id)

    return await answer_at_end(request, answer, exports, export_id, wait)


@router.get(
    "/{export_id}/content",
    summary="Download the file of an export (下载文件)",
    response_class=StreamingResponse,
    responses={
        **_FILE,
        **documents(_PROBLEMS.not_found, NotCompleted, _PROBLEMS.expired, FileDamaged),
        **documents(RangeNotSatisfiable),
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
            description="`bytes=first-`, to continue an interrupted download (断点续传)",
            examples=["bytes=1048576-"],
        ),
    ] = None,
    if_range: Annotated[
        str | None,
        Header(
            alias="If-Range",
            max_length=MAX_RANGE,
            description="ETag of the part already downloaded (续传依据)",
            examples=['"1f0a3c5e7b9d2468"'],
        ),
    ] = None,
) -> Response:
    """The whole file, or with `Range` a part of it; `Repr-Digest` is that of the whole file."""
    async with exports.database.connection(caller) as connection:
        job = await _require(connection, caller, export_id)
        file, etag = file_of(exports, job), etag_of_file(job)
        if names(current_conditions.get().if_none_match or "", etag):
            return Response(status_code=304, headers={"ETag": etag})
        span = range_of(range_, job["bytes"]) if if_range in (None, etag) else None
        detail = {"first": span.first, "last": span.last} if span else None
        resource = job["resource"]
        await record(connection, caller, "export_download", resource, export_id, detail=detail)
    return await file_response(job, file, span)


@router.post(
    "/{export_id}:cancel",
    summary="Cancel an export (取消导出)",
    status_code=202,
    response_model=_JOBS.row_schema,
    responses={202: LATER, **documents(_PROBLEMS.not_found, _PROBLEMS.ended)},
)
async def cancel_export(
    export_id: UUID, caller: Anyone, exports: TheExports, connection: Connection
) -> Response:
    """Cancel it; the part already written is deleted."""
    job = await _require(connection, caller, export_id)
    await cancel_operation(connection, exports, caller, job)
    return await _answer(connection, caller, export_id, 202)


@router.delete(
    "/{export_id}/content",
    summary="Delete the file of an export (删除文件)",
    status_code=204,
    responses=documents(_PROBLEMS.not_found, _PROBLEMS.not_ended),
    openapi_extra=UNVERSIONED,
)
async def remove_export_file(
    export_id: UUID, caller: Anyone, exports: TheExports, connection: Connection
) -> None:
    """Delete the file of an ended export before it expires."""
    job = await _require(connection, caller, export_id)
    await discard_operation(connection, exports, caller, job)


async def _require(connection: Conn, caller: Caller, export_id: UUID) -> Any:
    return await require_operation(connection, EXPORTS, visible_to, caller, export_id)


async def _answer(connection: Conn, caller: Caller, export_id: UUID, status: int = 200) -> Response:
    listing = exports_listing(current_language.get())
    return await answer_with(connection, EXPORTS, listing, caller, export_id, status)
