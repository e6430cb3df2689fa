"""The content of an export: COPY as it streams, as fast as PostgreSQL writes it."""

import asyncio
from codecs import BOM_UTF8
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn, Database
from services.chassis.exports.pipe import Pipe
from services.chassis.exports.selection import Selection
from services.chassis.files.compression import compressed
from services.chassis.files.formats import FileKind
from services.chassis.files.workbook import stream_rows

# COPY comes in pieces of some kilobytes; each costs every hand it goes through.
_BLOCK = 1 << 17
_BATCH = 500
_CSV = {"format": "csv"}
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
        waits: bool = False,
        turn: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    ) -> None:
        """Prepare it; nothing is read yet.

        Args:
            database: of the service.
            reader: in whose row-security context it is read; None is the service itself.
            selection: the rows.
            kind: of the file.
            scratch: where a workbook is written, and what its reader is slow to take.
            longest: how long reading may take, other than statements usually may.
            waits: whether the database may wait for the reader, who is never slow for long.
            turn: opened for as long as a connection is used.
        """
        self.rows = 0
        self._database, self._reader, self._longest = database, reader, longest
        self._selection, self._kind, self._scratch = selection, kind, scratch
        self._waits, self._turn = waits, turn

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
            return stream_rows(self._selection.headings, self._batches(), self._scratch)
        if self._kind.format == "ndjson":
            return self._copied(self._selection.as_ndjson(), _AS_IT_STANDS)
        first = BOM_UTF8 if self._kind.bom else b""
        first += f"{','.join(map(_in_csv, self._selection.headings))}\n".encode()
        return self._copied(self._selection.as_csv(), _CSV, first)

    async def _copied(
        self, query: str, options: dict[str, Any], first: bytes = b""
    ) -> AsyncGenerator[bytes, None]:
        """The output of `COPY (query) TO STDOUT`, behind some `first` bytes.

        Its connection is free again when PostgreSQL has written everything, whatever the reader
        has taken by then.
        """
        pipe = Pipe(self._scratch, waits=self._waits)
        block = bytearray(first)

        async def take(piece: bytes) -> None:
            block.extend(piece)
            if len(block) >= _BLOCK:
                await pipe.put(bytes(block))
                block.clear()

        async def copy() -> None:
            try:
                async with self._connection() as connection:
                    done = await connection.copy_from_query(
                        query, *self._selection.args, output=take, **options
                    )
                self.rows = int(done.removeprefix("COPY "))
                await pipe.put(bytes(block))
            finally:
                pipe.end()

        copying = asyncio.create_task(copy())
        try:
            async for ready in pipe.blocks():
                yield ready
            await copying
        finally:
            copying.cancel()
            try:
                await asyncio.gather(copying, return_exceptions=True)
            finally:
                pipe.close()

    async def _batches(self) -> AsyncGenerator[Sequence[Any], None]:
        async with self._connection() as connection:
            cursor = await connection.cursor(self._selection.as_cells(), *self._selection.args)
            while rows := await cursor.fetch(_BATCH):
                self.rows += len(rows)
                yield rows

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Conn]:
        async with self._turn(), self._database.connection(self._reader) as connection:
            if self._longest:
                await connection.execute(f"set local statement_timeout = '{self._longest}'")
            yield connection


def _in_csv(title: str) -> str:
    return '"' + title.replace('"', '""') + '"' if set(title) & set(',"\r\n') else title
