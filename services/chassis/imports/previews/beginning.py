"""The part of a file that a preview reads, and its rows."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from services.chassis.imports.formats.readable import Readable, is_packed
from services.chassis.imports.formats.splitting import Part, split
from services.chassis.imports.headers.layout import Layout

# Limits of the text that is kept, of the rows that are written, and of those checked:
# each well inside the other, so that a row that is cut off at an end is not among the judged.
KEPT, ENOUGH, JUDGED = 1 << 20, 1 << 19, 1 << 18


class Beginning(NamedTuple):
    """The first rows of a file.

    Attributes:
        part: where they are.
        content: as they stand there.
    """

    part: Part
    content: bytes


def beginning_of(file: Readable, layout: Layout) -> Beginning:
    """The first rows of a file after its header; none when there are none."""
    delimiter = layout.delimiter if layout.form == "csv" else None
    parts = split(file.source.read, layout.offset, layout.first_row, delimiter, JUDGED)
    part = next(parts, Part(0, layout.offset, 0, layout.first_row, 0))
    return Beginning(part, file.source.read(part.offset, part.length))


async def only_beginning(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """So much of a text; all of what has to be unpacked. The rest is received and dropped."""
    received, is_all = 0, False
    async for chunk in chunks:
        is_all = is_packed(chunk) if received == 0 else is_all
        if is_all:
            yield chunk
        elif received < KEPT:
            yield chunk[: KEPT - received]
        received += len(chunk)
