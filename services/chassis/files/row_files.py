"""Rows of other services on disk: written as they arrive, read when a transaction takes them over.

So a slow peer holds no connection and no lock, and memory does not grow with the rows. They hold
people's data: the files are encrypted with a key that exists only in memory.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson

from services.chassis.core.threads import in_thread
from services.chassis.files.encrypted_files import EncryptedFile, Writer
from services.chassis.files.file_keys import new_key

_BATCH = 5000

Row = dict[str, Any]


class RowFile:
    """Rows of one kind, as lines of JSON.

    Args:
        path: of the file, in a temporary folder.
    """

    def __init__(self, path: Path) -> None:
        self._file = EncryptedFile(path, new_key())

    async def fill(self, rows: AsyncIterator[Row]) -> None:
        """Write all rows, in place of what the file had."""
        with self._file.writer() as writer:
            batch: list[Row] = []
            async for row in rows:
                batch.append(row)
                if len(batch) == _BATCH:
                    await in_thread(_append, writer, batch)
                    batch = []
            await in_thread(_append, writer, batch)

    async def batches(self) -> AsyncIterator[list[Row]]:
        """The rows again, some thousands at a time."""
        blocks, rest = self._file.blocks(), b""
        while block := await in_thread(next, blocks, b""):
            *lines, rest = (rest + block).split(b"\n")
            yield [orjson.loads(line) for line in lines]


def _append(writer: Writer, rows: list[Row]) -> None:
    writer.write(b"".join(orjson.dumps(row) + b"\n" for row in rows))
