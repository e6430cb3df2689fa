"""The content of an export: COPY as it streams, as fast as PostgreSQL writes it."""

import asyncio
from codecs import BOM_UTF8
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, Database
from services.chassis.exports.selection import Selection
from services.chassis.files.compression import compressed
from services.chassis.files.formats import FileKind
from services.chassis.files.workbook import stream_rows

# COPY comes in pieces of some kilobytes; each costs every hand it goes through.
_BLOCK, _WAITING_BLOCKS = 1 << 17, 8
_BATCH = 500
_CSV = {"format": "csv", "header": True}
# JSON text never holds control characters, so with these COPY writes it as it stands.
_AS_IT_STANDS = {"format": "csv", "quote": "\x01", "delimiter": "\x02", "escape": "\x01"}


class Content:
    """The bytes of a file with the rows of a selection.

    Attributes:
        rows: how many there are, once the content has been read to its end.
    """

    def __init__(
        self,
        database: Database,
        reader: Caller | None,
        selection: Selection,
        kind: FileKind,
        scratch: Path,
        *,
        longest: str | None = None,
    ) -> None:
        """Prepare it; nothing is read yet.

        Args:
            database: of the service.
            reader: in whose row-security context it is read; None is the service itself.
            selection: the rows.
            kind: of the file.
            scratch: where a workbook is written.
            longest: how long reading may take, other than statements usually may.
        """
        self.rows = 0
        self._database, self._reader, self._longest = database, reader, longest
        self._selection, self._kind, self._scratch = selection, kind, scratch

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The bytes, in order.

        Raises:
            TooManyRows: a worksheet cannot hold them; before the first chunk.
        """
        chunks = self._uncompressed()
        if self._kind.compress == "gzip":
            chunks = compressed(chunks)
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk

    def _uncompressed(self) -> AsyncGenerator[bytes, None]:
        if self._kind.format == "xlsx":
            return stream_rows(self._selection.names, self._batches(), self._scratch)
        if self._kind.format == "ndjson":
            return self._copied(self._selection.as_ndjson(), _AS_IT_STANDS)
        first = BOM_UTF8 if self._kind.bom else b""
        return self._copied(self._selection.as_csv(), _CSV, first)

    async def _copied(
        self, query: str, options: dict[str, Any], first: bytes = b""
    ) -> AsyncGenerator[bytes, None]:
        """The output of `COPY (query) TO STDOUT`, behind some `first` bytes."""
        blocks: asyncio.Queue[bytes | None] = asyncio.Queue(_WAITING_BLOCKS)
        block = bytearray(first)

        async def take(piece: bytes) -> None:
            block.extend(piece)
            if len(block) >= _BLOCK:
                await blocks.put(bytes(block))
                block.clear()

        async def copy() -> None:
            try:
                async with self._connection() as connection:
                    done = await connection.copy_from_query(
                        query, *self._selection.args, output=take, **options
                    )
                self.rows = int(done.removeprefix("COPY "))
                await blocks.put(bytes(block))
            finally:
                await blocks.put(None)

        copying = asyncio.create_task(copy())
        try:
            while (ready := await blocks.get()) is not None:
                yield ready
            await copying
        finally:
            copying.cancel()
            while not blocks.empty():  # its last act is to queue an end mark: make room for it
                blocks.get_nowait()

    async def _batches(self) -> AsyncGenerator[Sequence[Any], None]:
        async with self._connection() as connection:
            cursor = await connection.cursor(self._selection.as_cells(), *self._selection.args)
            while rows := await cursor.fetch(_BATCH):
                self.rows += len(rows)
                yield rows

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Conn]:
        async with self._database.connection(self._reader) as connection:
            if self._longest:
                await connection.execute(f"set local statement_timeout = '{self._longest}'")
            yield connection
