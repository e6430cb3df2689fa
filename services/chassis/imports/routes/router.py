"""Routes of imports: open, send the file, watch, cancel, commit."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from services.chassis.core.errors import BodyTooLarge, Invalid, StorageFull, documents
from services.chassis.core.settings import FileSettings
from services.chassis.core.tags import IMPORTS_TAG
from services.chassis.core.text import current_language
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, Connection
from services.chassis.exports.answers import Lists, query_of
from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.files.file_keys import new_key
from services.chassis.files.held_files import QuotaExceeded
from services.chassis.files.sealed_blocks import FileDamaged
from services.chassis.http.header_lengths import MAX_RANGE
from services.chassis.http.idempotency import NeedsKey
from services.chassis.http.idempotency_claims import KeyReused
from services.chassis.http.long_poll import TooManyWaitingRequests
from services.chassis.http.preconditions import UNVERSIONED
from services.chassis.http.route_rules import (
    KEEPS_KEYS,
    TAKES_FILE,
    TAKES_FORM_WITH_FILE,
    WAITS_ALWAYS,
    WAITS_IF_ASKED,
    is_multipart,
)
from services.chassis.imports.engine.access import CanImport, TheImports
from services.chassis.imports.engine.earlier import as_earlier
from services.chassis.imports.engine.imports import FileUnreadable, Imports, ResourceUnknown
from services.chassis.imports.engine.kind import IMPORTS, NotCommittable
from services.chassis.imports.engine.ownership import NotYours
from services.chassis.imports.engine.queries import ImportLists, require_job
from services.chassis.imports.engine.schemas import ImportOptions
from services.chassis.imports.headers.layout import MAX_COLUMNS
from services.chassis.imports.routes.commit import commit_import
from services.chassis.imports.uploads.continuing import (
    FileDiffers,
    NotOpen,
    announced_length,
    check_announced,
    queue_import,
    take_in,
)
from services.chassis.imports.uploads.form import Form, FormInvalid
from services.chassis.imports.uploads.form_options import form_schema, options_of, request_fault
from services.chassis.imports.uploads.opening import check_options, open_import, require_scope
from services.chassis.imports.uploads.receiving import (
    LengthDiffers,
    RangeInvalid,
    UploadRunning,
    receive,
)
from services.chassis.imports.xlsx.package import MOST_SHRUNK
from services.chassis.lists.listing import PageParams
from services.chassis.openapi.response_headers import LATER
from services.chassis.operations.answers import IdempotencyKey, answer_with
from services.chassis.operations.cancellation import cancel_operation
from services.chassis.operations.discarding import discard_operation
from services.chassis.operations.watching import Streaming, Wait, answer_at_end, events

_PROBLEMS = IMPORTS.problems


def _usual(name: str, unit: int = 2**30) -> str:
    """The default of a setting."""
    return f"{FileSettings.model_fields[name].default / unit:,g}"


_LIMITS = (
    f"Unless this server is set otherwise, a file has at most {_usual('max_import_bytes')} GiB and "
    f"unpacks to at most {_usual('max_unpacked_bytes')} GiB, or {MOST_SHRUNK} times its size; it "
    f"has at most {MAX_COLUMNS} columns (上限). The number of rows is not limited. Of its faults "
    f"the first {_usual('max_import_faults', 1)} can be listed, all are counted. The files of "
    f"imports and exports of one account may have {_usual('max_account_bytes')} GiB together, "
    f"those of a bureau {_usual('max_bureau_bytes')} GiB (存储额度)"
)

router = APIRouter(prefix="/v1/imports", tags=[IMPORTS_TAG])

OPTIONS = ImportOptions.model_json_schema()
# Only its parameters are used: they are the same for every service.
_JOBS = ImportLists(()).jobs("zh-CN")


@router.get("", summary="List imports (导入任务列表)", response_model=_JOBS.page_schema)
async def list_imports(
    params: Annotated[PageParams, query_of(_JOBS)],
    caller: CanImport,
    imports: TheImports,
    lists: Lists,
) -> Response:
    """Present and past imports of the bureau, of the resources that the caller may write."""
    return await lists.answer(imports.lists.jobs(current_language.get()), caller, params)


@router.post(
    "",
    summary="Open an import, with or without its file (新建导入)",
    status_code=202,
    response_model=_JOBS.row_schema,
    responses={
        202: LATER,
        **documents(
            ResourceUnknown,
            KeyReused,
            FileDiffers,
            BodyTooLarge,
            Invalid,
            FormInvalid,
            _PROBLEMS.too_many,
            QuotaExceeded,
            StorageFull,
        ),
    },
    dependencies=[NeedsKey],
    openapi_extra=TAKES_FORM_WITH_FILE
    | KEEPS_KEYS
    | {
        "requestBody": {
            "required": True,
            "description": "A form with the file and its options, or the options alone as JSON; "
            f"then send the file with `PUT …/content`. {_LIMITS}",
            "content": {
                "multipart/form-data": {"schema": form_schema(ImportOptions, "ImportForm")},
                "application/json": {"schema": OPTIONS},
            },
        }
    },
)
async def create_import(
    request: Request,
    caller: CanImport,
    imports: TheImports,
    idempotency_key: IdempotencyKey,
) -> Response:
    """Open an import; with its file it starts at once. The same key returns the same import."""
    if is_multipart(request.headers):
        job_id, is_new = await _open_with_file(request, caller, imports, idempotency_key)
    else:
        job_id, is_new = await _open(await request.body(), caller, imports, idempotency_key)
    response = await _answer(imports, caller, job_id)
    if not is_new:
        response.headers["Idempotent-Replayed"] = "true"
    response.status_code = 202
    return response


async def _open(body: bytes, caller: Caller, imports: Imports, key: str) -> tuple[UUID, bool]:
    try:
        options = ImportOptions.model_validate_json(body)
    except ValidationError as error:
        raise request_fault(error) from error
    await imports.quota.require_database()
    imports.require_size(options.size)
    imports.expect(options.size)
    async with imports.database.connection(caller) as connection:
        options = await _checked(connection, caller, imports, options)
        return await open_import(
            connection,
            imports,
            caller,
            options,
            job_id=await connection.fetchval("select uuidv7()"),
            file_key=new_key(),
            idempotency_key=key,
        )


async def _open_with_file(
    request: Request, caller: Caller, imports: Imports, key: str
) -> tuple[UUID, bool]:
    await imports.quota.require_database()
    async with imports.database.connection(caller) as connection:
        job_id: UUID = await connection.fetchval("select uuidv7()")
    form, file_key = Form(request), new_key()
    room = imports.quota.room(caller, job_id)
    is_kept = False
    try:
        await room.expect(announced_length(request))
        received = await receive(EncryptedFile(imports.path(job_id), file_key), form.file(), room)
        options = options_of(form, ImportOptions)
        check_announced(options.size, options.sha256, received)
        async with imports.database.connection(caller) as connection:
            options = await _checked(connection, caller, imports, options)
            digest = {"size": received.size, "sha256": received.sha256}
            opened = await open_import(
                connection,
                imports,
                caller,
                options.model_copy(update=digest),
                job_id=job_id,
                file_key=file_key,
                idempotency_key=key,
            )
            if opened.is_new:
                job = await require_job(connection, imports.lists, caller, job_id)
                await queue_import(connection, imports, caller, job, received)
        is_kept = opened.is_new
        return opened
    finally:
        if not is_kept:
            imports.delete_files(job_id)
            await room.give_back()


async def _checked(
    connection: Conn, caller: Caller, imports: Imports, options: ImportOptions
) -> ImportOptions:
    """Options, complete; what cannot come to anything is refused at once."""
    spec = imports.spec(options.resource)
    require_scope(spec, caller)
    options = await as_earlier(connection, imports.lists, caller, options)
    check_options(spec, options)
    if spec.guard:
        await spec.guard(connection, caller, options.within)
    return options


@router.put(
    "/{import_id}/content",
    summary="Send the file of an import (上传文件)",
    status_code=202,
    response_model=_JOBS.row_schema,
    responses={
        202: LATER,
        **documents(
            _PROBLEMS.not_found,
            NotYours,
            NotOpen,
            UploadRunning,
            RangeInvalid,
            LengthDiffers,
            FileDiffers,
            FileDamaged,
            FileUnreadable,
            BodyTooLarge,
            QuotaExceeded,
            StorageFull,
        ),
    },
    openapi_extra=UNVERSIONED
    | TAKES_FILE
    | {
        "requestBody": {
            "required": True,
            "description": "The file, or the rest of it after an interruption",
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
async def put_content(
    import_id: UUID,
    request: Request,
    caller: CanImport,
    imports: TheImports,
    content_range: Annotated[
        str | None,
        Header(
            alias="Content-Range",
            max_length=MAX_RANGE,
            description="`bytes first-last/total`, to go on where an upload broke off; `*` for a "
            "total that is not known yet, and `bytes */total` without content once it is",
            examples=["bytes 1048576-2097151/*"],
        ),
    ] = None,
) -> Response:
    """Send the whole file, or continue it with `Content-Range`; once complete, the import starts.

    Only the account that opened the import may do so. If the connection breaks, the received
    part is kept: `received` is its size.
    """
    await take_in(imports, caller, import_id, request, content_range)
    response = await _answer(imports, caller, import_id)
    response.status_code = 202
    return response


@router.get(
    "/{import_id}",
    summary="Read an import (导入任务)",
    response_model=_JOBS.row_schema,
    responses={200: LATER, **documents(_PROBLEMS.not_found, TooManyWaitingRequests)},
    openapi_extra=WAITS_IF_ASKED,
)
async def read_import(
    import_id: UUID, caller: CanImport, imports: TheImports, request: Request, wait: Wait
) -> Response:
    """Progress of the import; with `wait`, returned at its end or after that time."""

    async def answer() -> Response:
        return await _answer(imports, caller, import_id)

    return await answer_at_end(request, answer, imports, import_id, wait)


@router.get(
    "/{import_id}/events",
    summary="Watch an import (导入进度)",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "The import at each change"},
        **documents(_PROBLEMS.not_found, TooManyWaitingRequests),
    },
    dependencies=[Streaming],
    openapi_extra=WAITS_ALWAYS,
)
async def watch_import(import_id: UUID, caller: CanImport, imports: TheImports) -> Response:
    """Server-sent events: the import whenever it has changed, until it has ended."""

    async def answer() -> Response:
        return await _answer(imports, caller, import_id)

    stream = events(answer, imports, import_id, await answer())
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


@router.post(
    "/{import_id}:cancel",
    summary="Cancel an import (取消导入)",
    status_code=202,
    response_model=_JOBS.row_schema,
    responses={202: LATER, **documents(_PROBLEMS.not_found, _PROBLEMS.ended)},
)
async def cancel(
    import_id: UUID, caller: CanImport, imports: TheImports, connection: Connection
) -> Response:
    """Cancel it. Only rows that `valid_rows` has stored by then stay, and they are counted.

    File, faults and results are removed at once.
    """
    job = await require_job(connection, imports.lists, caller, import_id)
    await cancel_operation(connection, imports, caller, job)
    return await _accepted(connection, imports, caller, import_id)


@router.post(
    "/{import_id}:commit",
    summary="Apply a dry run (提交试运行)",
    status_code=202,
    response_model=_JOBS.row_schema,
    responses={202: LATER, **documents(_PROBLEMS.not_found, NotYours, NotCommittable, StorageFull)},
    dependencies=[NeedsKey],
)
async def commit(
    import_id: UUID, caller: CanImport, imports: TheImports, connection: Connection
) -> Response:
    """Import the file of your own dry run; every row is checked again against the present data."""
    await imports.quota.require_database()
    job = await require_job(connection, imports.lists, caller, import_id)
    await commit_import(connection, imports, caller, job)
    return await _accepted(connection, imports, caller, import_id)


@router.delete(
    "/{import_id}/content",
    summary="Delete the file of an import (删除文件)",
    status_code=204,
    responses=documents(_PROBLEMS.not_found, _PROBLEMS.not_ended),
    openapi_extra=UNVERSIONED,
)
async def remove_import_file(
    import_id: UUID, caller: CanImport, imports: TheImports, connection: Connection
) -> None:
    """Delete file, faults and results of an ended import before they expire."""
    job = await require_job(connection, imports.lists, caller, import_id)
    await discard_operation(connection, imports, caller, job)


async def _answer(imports: Imports, caller: Caller, import_id: UUID) -> Response:
    async with imports.database.connection(caller) as connection:
        return await _answer_on(connection, imports, caller, import_id)


async def _accepted(
    connection: Conn, imports: Imports, caller: Caller, import_id: UUID
) -> Response:
    response = await _answer_on(connection, imports, caller, import_id)
    response.status_code = 202
    return response


async def _answer_on(
    connection: Conn, imports: Imports, caller: Caller, import_id: UUID
) -> Response:
    listing = imports.lists.jobs(current_language.get())
    return await answer_with(connection, IMPORTS, listing, caller, import_id)
