"""Stored form of a set of rows of one part: a compressed bitmap.

A set takes at most an eighth of a byte for each record of its part, so a file of only faulty rows
cannot fill the database.
"""

import zlib
from collections.abc import Iterable

from services.chassis.imports.formats.splitting import Part

_BYTE = 8


def pack(rows: Iterable[int], part: Part) -> bytes:
    """The stored form of some rows of a part."""
    bits = bytearray(-(-part.records // _BYTE))
    for row in rows:
        at = row - part.first_row
        bits[at // _BYTE] |= 1 << at % _BYTE
    return zlib.compress(bytes(bits), 1)


def unpack(packed: bytes | None, part: Part) -> set[int]:
    """The rows of a stored set; None is the empty set."""
    if packed is None:
        return set()
    rows: set[int] = set()
    for number, byte in enumerate(zlib.decompress(packed)):
        if byte:
            first = part.first_row + number * _BYTE
            rows.update(first + bit for bit in range(_BYTE) if byte >> bit & 1)
    return rows
