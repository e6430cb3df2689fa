"""Blocks of bytes on their way from the database to a client that may read at any pace."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import ExitStack
from pathlib import Path
from threading import Lock

from services.chassis.core.temp_dirs import scratch_folder
from services.chassis.core.threads import in_thread
from services.chassis.files.encrypted_files import BLOCK, EncryptedFile
from services.chassis.files.file_keys import new_key

_MOST_HELD = 8
# The writer holds a connection while it waits: so long for one block, and so long in all.
_PATIENCE_SECONDS, _PATIENCE_IN_ALL = 1.0, 5.0


class Pipe:
    """Passes blocks from a writer to a reader without letting the writer wait for long.

    They are held in memory while the reader keeps up. From the first block for which the writer
    would have to wait too long, they are written to disk, encrypted under a key that is nowhere
    else.

    Args:
        scratch: where that is.
        waits: whether the writer waits as long as it takes instead.
    """

    def __init__(self, scratch: Path, *, waits: bool = False) -> None:
        self._scratch, self._waits = scratch, waits
        self._held: deque[bytes] = deque()
        self._overflow: _Overflow | None = None
        self._patience = _PATIENCE_IN_ALL
        self._is_ended = False
        self._has_data, self._room = asyncio.Event(), asyncio.Event()

    async def put(self, block: bytes) -> None:
        """Pass a block on, or keep it for the reader."""
        if self._overflow is None and not await self._has_room():
            self._overflow = await in_thread(_Overflow, self._scratch)
        if self._overflow is None:
            self._held.append(block)
        else:
            await in_thread(self._overflow.append, block)
        self._has_data.set()

    def end(self) -> None:
        """Nothing more comes."""
        self._is_ended = True
        self._has_data.set()

    async def blocks(self) -> AsyncGenerator[bytes, None]:
        """The blocks in order, until the end."""
        while True:
            if self._held:
                self._room.set()
                yield self._held.popleft()
            elif self._overflow and self._overflow.unread:
                yield await in_thread(self._overflow.next)
            elif self._is_ended:
                return
            else:
                self._has_data.clear()
                await self._has_data.wait()

    def close(self) -> None:
        """Remove what is on disk, once neither writer nor reader needs it any more."""
        if self._overflow:
            self._overflow.close()

    async def _has_room(self) -> bool:
        """Wait for the reader as long as patience lasts, if too much is held for it already."""
        if len(self._held) < _MOST_HELD:
            return True
        patience = None if self._waits else min(self._patience, _PATIENCE_SECONDS)
        began = time.monotonic()
        self._room.clear()
        try:
            async with asyncio.timeout(patience):
                await self._room.wait()
        except TimeoutError:
            return False
        finally:
            self._patience -= time.monotonic() - began
        return True


class _Overflow:
    """A file that grows at its end while it is read from its beginning, by two threads."""

    def __init__(self, scratch: Path) -> None:
        self._open = ExitStack()
        folder = self._open.enter_context(scratch_folder(scratch))
        self._file = EncryptedFile(folder / "rows", new_key())
        self._writer = self._file.writer()
        self._open.callback(self._writer.discard)
        # The last block is written again when it has grown, perhaps while it is being read.
        self._lock = Lock()
        self._written = self._read = 0

    @property
    def unread(self) -> int:
        """How many bytes are still to be read."""
        return self._written - self._read

    def append(self, block: bytes) -> None:
        """Write a block."""
        with self._lock:
            self._writer.write(block)
            self._writer.flush()
        self._written += len(block)

    def next(self) -> bytes:
        """The next bytes, of which there are some."""
        with self._lock:
            block = self._file.read(self._read, min(self.unread, BLOCK))
        self._read += len(block)
        return block

    def close(self) -> None:
        """Remove the file."""
        self._open.close()
