"""Takes in the file of an import: streamed to disk, resumable, counted and hashed."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from services.chassis.core.errors import AppError, Conflict
from services.chassis.core.file_lock import FileLock
from services.chassis.core.text import Text
from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.files.held_files import Room

_CHUNK = 1 << 20
_RANGE = re.compile(r"bytes (?:(?P<first>\d+)-(?P<last>\d+)|\*)/(?P<total>\d+|\*)")


class RangeInvalid(AppError):
    """The range does not go on where the file ends so far."""

    status = 416
    code = "import.range_invalid"
    title = Text("上传位置不符", "Does not continue at the end of the file")
    detail = Text(
        "已接收 {received} 字节；请从该处继续（Content-Range: bytes {received}-…/…），"
        "或不带 Content-Range 从头上传。",
        "{received} bytes have arrived: go on from there (Content-Range: bytes {received}-…/…), "
        "or send the whole file without Content-Range.",
    )


class LengthDiffers(AppError):
    """The file is said to have another length than before."""

    status = 422
    code = "import.length_differs"
    title = Text("文件长度前后不一", "Length differs")
    detail = Text(
        "此前声明文件为 {announced} 字节，现在是 {total} 字节。要导入另一个文件，请新建导入。",
        "The file was said to have {announced} bytes, and now {total}. To import another file, "
        "open another import.",
    )


class UploadRunning(Conflict):
    """Somebody is sending this very file."""

    code = "import.upload_running"
    title = Text("文件正在上传", "Being uploaded")
    detail = Text(
        "该导入的文件正由另一个请求上传。", "Another request is sending the file of this import."
    )


class UploadRange(NamedTuple):
    """The part of the file that a request carries.

    Attributes:
        first: offset of its first byte.
        total: the length of the whole file; None when it is not known yet.
        end: offset behind its last byte; None when it is not stated.
        is_all: it carries the whole file.
    """

    first: int
    total: int | None
    end: int | None = None
    is_all: bool = False

    def ends_file(self, size: int) -> bool:
        """Whether the file is whole, now that so much of it has arrived."""
        return self.is_all or (self.total is not None and size >= self.total)

    def is_exceeded_by(self, size: int) -> bool:
        """Whether more has arrived than the sender said."""
        return self.end is not None and size > self.end

    def goes_on_at(self, size: int) -> int:
        """Where to go on after it broke off there: of a whole file, the last byte is sent again."""
        return size if self.total is None else max(min(size, self.total - 1), 0)


class Received(NamedTuple):
    """The received part of a file.

    Attributes:
        size: of the file so far.
        sha256: of that much of the file.
    """

    size: int
    sha256: str


def range_of(content_range: str | None, received: int, announced: int | None) -> UploadRange:
    """The range of a `Content-Range` header; without one, the whole file.

    Args:
        content_range: the header. `bytes */total` adds nothing: it says that what has arrived is
            all, when pieces came whose sender did not know the length yet.
        received: bytes that have arrived so far; a range continues there or begins anew.
        announced: the length of the file, if it was given before.

    Raises:
        RangeInvalid: it does neither, or cannot be read.
        LengthDiffers: it states another length.
    """
    if content_range is None:
        return UploadRange(0, announced, is_all=True)
    found = _RANGE.fullmatch(content_range.strip())
    if found is None:
        raise RangeInvalid(received=received)
    total = announced if found["total"] == "*" else int(found["total"])
    if announced not in (None, total):
        raise LengthDiffers(announced=announced, total=total)
    if found["first"] is None:
        first, end, goes_on = received, received, total == received
    else:
        first, end = int(found["first"]), int(found["last"]) + 1
        goes_on = first < end and first in (0, received) and (total is None or end <= total)
    if not goes_on:
        raise RangeInvalid(received=received)
    return UploadRange(first, total, end)


@contextmanager
def only_upload(path: Path) -> Iterator[None]:
    """Keep other requests from sending the same file meanwhile.

    Raises:
        UploadRunning: another request is sending it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(path.with_suffix(".lock"))
    if not lock.acquire():
        raise UploadRunning
    try:
        yield
    finally:
        lock.release()


async def receive(
    encrypted_file: EncryptedFile, chunks: AsyncIterator[bytes], room: Room, *, first: int = 0
) -> Received:
    """Write what arrives to disk; what has arrived stays when the rest does not.

    Args:
        encrypted_file: the file.
        chunks: its content from `first` on.
        room: for it.
        first: where they begin; 0 begins the file anew.

    Raises:
        QuotaExceeded: the account or its bureau would hold too much.
        StorageFull: the disk would.
    """
    digest = hashlib.sha256() if first == 0 else None
    writer = await asyncio.to_thread(encrypted_file.writer, first)
    try:
        async for chunk in _collected(chunks):
            await room.grow(writer.size + len(chunk))
            await asyncio.to_thread(writer.write, chunk)
            if digest:
                digest.update(chunk)
    finally:
        await asyncio.shield(asyncio.to_thread(writer.close))
    sha256 = digest.hexdigest() if digest else await asyncio.to_thread(encrypted_file.sha256)
    return Received(writer.size, sha256)


async def _collected(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same content in chunks of a megabyte: fewer hops to a thread."""
    collected = bytearray()
    try:
        async for chunk in chunks:
            collected += chunk
            if len(collected) >= _CHUNK:
                yield bytes(collected)
                collected.clear()
    except Exception:  # the sender is gone; what it has sent is not
        yield bytes(collected)
        raise
    yield bytes(collected)
