"""Takes in the file of an import that was opened before, and lets it begin once that is whole."""

from typing import Any
from uuid import UUID

from fastapi import Request

from services.chassis.audit.log import record
from services.chassis.core.errors import AppError, Conflict
from services.chassis.core.text import Text
from services.chassis.core.threads import in_thread
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, as_service
from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.files.held_files import release, settle
from services.chassis.files.sealed_blocks import FileDamaged
from services.chassis.imports.engine.imports import Imports
from services.chassis.imports.engine.kind import IMPORTS, ImportState
from services.chassis.imports.engine.ownership import require_opener
from services.chassis.imports.engine.queries import require_job
from services.chassis.imports.uploads.receiving import (
    Received,
    UploadRange,
    only_upload,
    range_of,
    receive,
)
from services.chassis.operations.store import Job, state_of
from services.chassis.queue.jobs import enqueue_on


class NotOpen(Conflict):
    """The import takes no file any more."""

    code = "import.not_open"
    title = Text("已不再接收文件", "No longer accepts a file")
    detail = Text("该导入的状态为 {state}。", "This import is {state}.")


class FileDiffers(AppError):
    """The received file is not the one that was announced."""

    status = 422
    code = "import.file_differs"
    title = Text("文件与声明不符", "File differs from the announced one")
    detail = Text(
        "收到 {size} 字节，SHA-256 为 {sha256}；请从头重新上传。",
        "{size} bytes have arrived, with the SHA-256 {sha256}: send the file again from its "
        "beginning.",
    )


async def take_in(
    imports: Imports, caller: Caller, import_id: UUID, request: Request, content_range: str | None
) -> None:
    """Take in the file that a request carries, or a piece of it.

    What has arrived when the connection breaks is kept.

    Raises:
        OperationNotFound: there is no such import for the caller.
        NotYours: somebody else has opened it.
        NotOpen: it takes no file any more.
        UploadRunning: another request is sending its file.
        RangeInvalid: the range does not go on at `received`.
        LengthDiffers: the file was said to have another length.
        FileDiffers: it is not the file that was announced.
        FileDamaged: what had arrived was changed meanwhile.
        QuotaExceeded: the account or its bureau would hold too much.
        StorageFull: the disk would, or the database does.
    """
    async with imports.database.connection(caller) as connection:
        require_opener(await require_job(connection, imports.lists, caller, import_id), caller)
    await imports.quota.require_database()
    with only_upload(imports.path(import_id)):
        async with imports.database.connection(caller) as connection:
            job = await require_job(connection, imports.lists, caller, import_id)
        if job["state"] != ImportState.OPEN:
            raise NotOpen(state=job["state"])
        encrypted_file = EncryptedFile(imports.path(import_id), imports.key(job))
        received = await _intact(imports, caller, job, encrypted_file)
        span = range_of(content_range, received, job["size"])
        imports.require_size(span.total)
        try:
            got = await _received(imports, caller, job, encrypted_file, span, request)
        except BaseException as error:
            if isinstance(error, FileDiffers | FileDamaged):
                encrypted_file.delete()
            async with imports.database.connection(caller) as connection:
                kept = await in_thread(encrypted_file.intact, encrypted_file.size)
                await keep_received(connection, imports, job, span, kept)
            raise
        try:
            async with imports.database.connection(caller) as connection:
                if span.ends_file(got.size):
                    await queue_import(connection, imports, caller, job, got)
                else:
                    await keep_received(connection, imports, job, span, got.size)
        except NotOpen:
            async with imports.database.connection(caller) as connection:
                await _drop_if_over(connection, imports, job)
            raise


async def _intact(imports: Imports, caller: Caller, job: Job, encrypted_file: EncryptedFile) -> int:
    """How much of the file is there: less than was noted where a process was killed meanwhile."""
    size = min(job["bytes"], encrypted_file.size)
    received = await in_thread(encrypted_file.intact, size)
    if received < job["bytes"]:
        async with imports.database.connection(caller) as connection:
            await connection.execute(
                "update import_job set bytes = $2 where id = $1 and state = 'open'",
                job["id"],
                received,
            )
    return received


async def _received(
    imports: Imports,
    caller: Caller,
    job: Job,
    encrypted_file: EncryptedFile,
    span: UploadRange,
    request: Request,
) -> Received:
    """Write down what the request carries."""
    room, length = imports.quota.room(caller, job["id"]), announced_length(request)
    await room.expect(span.total or (length and span.first + length))
    got = await receive(encrypted_file, request.stream(), room, first=span.first)
    if span.is_exceeded_by(got.size):
        raise FileDiffers(size=got.size, sha256=got.sha256)
    if span.ends_file(got.size):
        check_announced(span.total, job["sha256"], got)
    return got


def announced_length(request: Request) -> int | None:
    """How long the body of a request is, if it says so."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdigit() else None


def check_announced(size: int | None, sha256: str | None, got: Received) -> None:
    """Refuse a whole file that is not the one that was announced.

    Raises:
        FileDiffers: it has another length or digest.
    """
    if size not in (None, got.size) or sha256 not in (None, got.sha256):
        raise FileDiffers(size=got.size, sha256=got.sha256)


async def keep_received(
    connection: Conn, imports: Imports, job: Any, span: UploadRange, size: int
) -> None:
    """Note how much of a file has arrived, while it is waited for, and how long it will be.

    Of one that was called off meanwhile nothing is kept.
    """
    is_open = await connection.fetchval(
        "update import_job set bytes = $2, size = $3 where id = $1 and state = 'open' "
        "returning true",
        job["id"],
        span.goes_on_at(size),
        span.total,
    )
    if is_open:
        async with as_service(connection):
            await settle(connection, job["id"], size)
    else:
        await _drop_if_over(connection, imports, job)


async def _drop_if_over(connection: Conn, imports: Imports, job: Any) -> None:
    """Remove what has arrived of a file although its import was called off meanwhile."""
    if await connection.fetchval("select is_expired from import_job where id = $1", job["id"]):
        async with as_service(connection):
            await release(connection, [job["id"]])
        imports.delete_files(job["id"])


async def queue_import(
    connection: Conn, imports: Imports, caller: Caller, job: Any, got: Received
) -> None:
    """The file is there: let the import begin, with the rights that its sender has now.

    That all has arrived becomes known with it, not before: an import that is open always waits for
    a byte more, and a sender can go on from `received`.

    Raises:
        NotOpen: it has begun already, or was called off.
    """
    queued = await connection.fetchval(
        "update import_job set state = 'queued', queued_at = clock_timestamp(), bytes = $2, "
        "size = $2, sha256 = $3, caller = $4, version = version + 1, updated_at = now() "
        "where id = $1 and state = 'open' returning true",
        job["id"],
        got.size,
        got.sha256,
        caller.model_dump(mode="json"),
    )
    if not queued:
        raise NotOpen(state=await state_of(connection, IMPORTS, job["id"]))
    async with as_service(connection):
        await settle(connection, job["id"], got.size)
    await record(connection, caller, "import_begin", job["resource"], job["id"])
    payload = IMPORTS.payload(job["id"])
    await enqueue_on(connection, imports.database.name, IMPORTS.run_job, payload)
