"""Downloads of an export file, whole or in parts, so that an interrupted one continues."""

import base64
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from fastapi import Response
from fastapi.responses import StreamingResponse

from services.chassis.core.errors import AppError, Conflict
from services.chassis.core.text import Text
from services.chassis.core.threads import in_thread
from services.chassis.exports.exports import Exports
from services.chassis.exports.kind import EXPORTS, ExportState
from services.chassis.files.encrypted_files import BLOCK, EncryptedFile
from services.chassis.files.formats import FileKind

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class NotCompleted(Conflict):
    """There is no file yet, or never will be."""

    code = "export.not_completed"
    title = Text("导出未完成", "Not completed")
    detail = Text("该导出的状态为 {state}，没有文件。", "This export is {state}: there is no file.")


class RangeNotSatisfiable(AppError):
    """The file has no such part."""

    status = 416
    code = "export.range_invalid"
    title = Text("下载范围不符", "No such range")
    detail = Text("文件共 {size} 字节。", "The file has {size} bytes.")

    def __init__(self, size: int = 0) -> None:
        super().__init__(size=size, headers={"Content-Range": f"bytes */{size}"})


class ByteRange(NamedTuple):
    """A part of a file: its first and its last byte."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return self.last + 1 - self.first


def file_of(exports: Exports, job: Any) -> EncryptedFile:
    """The file of an export.

    Raises:
        NotCompleted: it has none.
        FilesExpired: it had one.
    """
    if job["state"] != ExportState.COMPLETED:
        raise NotCompleted(state=job["state"])
    # Its time may be over before its file has been cleared away.
    is_over = job["is_expired"] or job["expires_at"] <= datetime.now(UTC)
    file = None if is_over else exports.file(job)
    if file is None or file.size != job["bytes"]:
        raise EXPORTS.problems.expired(at=f"{job['expires_at']:%Y-%m-%d}")
    return file


def range_of(wanted: str | None, size: int) -> ByteRange | None:
    """The part that a `Range` asks for; None for the whole file.

    What cannot be understood, or names several parts, is passed over, as HTTP wants it.

    Raises:
        RangeNotSatisfiable: the file ends before it.
    """
    found = _RANGE.fullmatch((wanted or "").replace(" ", ""))
    if found is None or found[0] == "bytes=-":
        return None
    if not found[1]:  # so many at the end
        span = ByteRange(max(size - int(found[2]), 0), size - 1)
    else:
        last = int(found[2]) if found[2] else size - 1
        if found[2] and last < int(found[1]):
            return None
        span = ByteRange(int(found[1]), min(last, size - 1))
    if span.length <= 0:
        raise RangeNotSatisfiable(size)
    return span


def etag_of_file(job: Any) -> str:
    """The strong ETag of a file: its digest."""
    return f'"{job["sha256"]}"'


async def file_response(job: Any, file: EncryptedFile, span: ByteRange | None) -> Response:
    """A file, or a part of it, as an answer.

    Raises:
        FileDamaged: it was changed from outside, at its beginning; further on the answer breaks
            off.
    """
    size: int = job["bytes"]
    part = span or ByteRange(0, size - 1)
    await in_thread(file.read, part.first, 1)
    digest = base64.b64encode(bytes.fromhex(job["sha256"])).decode()
    headers = {
        "Content-Disposition": f'attachment; filename="{job["file_name"]}"',
        "Content-Length": str(part.length),
        "Accept-Ranges": "bytes",
        "ETag": etag_of_file(job),
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    if span:
        headers["Content-Range"] = f"bytes {span.first}-{span.last}/{size}"
    return StreamingResponse(
        _blocks(file, part),
        status_code=206 if span else 200,
        media_type=FileKind(job["format"], job["compress"]).media_type,
        headers=headers,
    )


async def _blocks(file: EncryptedFile, part: ByteRange) -> AsyncIterator[bytes]:
    at = part.first
    while at <= part.last and (
        block := await in_thread(file.read, at, min(BLOCK, part.last + 1 - at))
    ):
        yield block
        at += len(block)
