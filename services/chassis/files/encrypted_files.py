"""Files on disk that people send and fetch, encrypted: they hold people's data in full.

AES-256-GCM in blocks of 64 KiB, so that any range can be read, a broken upload continued at its
end, and any change from outside noticed. The key belongs to one job and is kept with it, wrapped
under `files_key`. Every file begins with a random identity; a block is bound to it and to its own
number, so that blocks of other files, or of the same file before it was sent anew, are no
substitutes. A file that was cut off at the end of a block is known by its size, which is kept
with the job.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from services.chassis.files.sealed_blocks import (
    IDENTITY,
    NONCE,
    PLAIN,
    SEALED,
    TAG,
    BlockCipher,
    FileDamaged,
)

BLOCK = 1 << 20


class EncryptedFile:
    """One encrypted file."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path, self.key = path, key

    @property
    def size(self) -> int:
        """The length of its content, 0 when there is none."""
        if not self.path.exists():
            return 0
        blocks, rest = divmod(max(self.path.stat().st_size - IDENTITY, 0), SEALED)
        return blocks * PLAIN + max(rest - NONCE - TAG, 0)

    def read(self, offset: int, length: int) -> bytes:
        """Some bytes from `offset` on, fewer at the end.

        Raises:
            FileDamaged: the file was changed from outside.
        """
        first, skipped = divmod(offset, PLAIN)
        count = (offset + length - 1) // PLAIN + 1 - first
        with self.path.open("rb", buffering=0) as file:
            cipher = BlockCipher(self.key, file.read(IDENTITY))
            file.seek(IDENTITY + first * SEALED)
            sealed = memoryview(file.read(count * SEALED))
        content = b"".join(
            cipher.open(first + number, sealed[begin : begin + SEALED])
            for number, begin in enumerate(range(0, len(sealed), SEALED))
        )
        return content[skipped : skipped + length]

    def intact(self, size: int) -> int:
        """How much of the first `size` bytes can be read.

        A process that is killed while it goes on writing may leave its last block half written.
        """
        begin = size - size % PLAIN
        try:
            return begin + len(self.read(begin, size - begin)) if begin < size else size
        except FileDamaged:
            return begin

    def blocks(self, size: int = BLOCK) -> Iterator[bytes]:
        """The whole content, block by block.

        Raises:
            FileDamaged: the file was changed from outside.
        """
        offset = 0
        while block := self.read(offset, size):
            yield block
            offset += len(block)

    def sha256(self) -> str:
        """The digest of the content, in hexadecimal."""
        digest = hashlib.sha256()
        for block in self.blocks():
            digest.update(block)
        return digest.hexdigest()

    def delete(self) -> None:
        """Remove the file, if it is there."""
        self.path.unlink(missing_ok=True)

    def writer(self, offset: int = 0) -> "Writer":
        """A writer that goes on at `offset`; what was behind it is cut off.

        Raises:
            FileDamaged: the content before it was changed from outside.
        """
        return Writer(self, offset)


class Writer:
    """Appends to an encrypted file.

    The last block is written when it is full, and before that on `flush` and `close`. After a
    failed write nothing more is written: the file ends with its last whole block.
    """

    def __init__(self, encrypted_file: EncryptedFile, offset: int) -> None:
        self._number, begun = divmod(offset, PLAIN)
        self._rest = bytearray(encrypted_file.read(offset - begun, begun) if begun else b"")
        if len(self._rest) < begun:
            raise FileDamaged
        encrypted_file.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(encrypted_file.path, os.O_RDWR | os.O_CREAT, 0o600)
        self._file = os.fdopen(handle, "r+b")
        identity = self._file.read(IDENTITY) if offset else self._begin_anew()
        self._cipher = BlockCipher(encrypted_file.key, identity)
        self._is_dirty = self._is_broken = False
        self._cut_off()
        self.size = offset

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin_anew(self) -> bytes:
        identity = os.urandom(IDENTITY)
        self._file.truncate(0)
        self._file.write(identity)
        return identity

    def _cut_off(self) -> None:
        """Remove what is behind the content that stays, and seal its last block anew if it must."""
        begin = IDENTITY + self._number * SEALED
        stays = NONCE + len(self._rest) + TAG if self._rest else 0
        if os.fstat(self._file.fileno()).st_size > begin + stays:
            self._file.truncate(begin)
            self._is_dirty = bool(self._rest)
        self._file.seek(begin)

    def write(self, data: bytes) -> None:
        """Append some bytes."""
        self._rest += data
        self._is_dirty = True
        self.size += len(data)
        while len(self._rest) >= PLAIN:
            self._put(self._rest[:PLAIN])
            self._number += 1
            del self._rest[:PLAIN]

    def _put(self, content: bytearray) -> None:
        """Write a block where the file ends."""
        self._is_broken = True
        self._file.write(self._cipher.seal(self._number, content))
        self._is_broken = False

    def flush(self) -> None:
        """Let others read what has been written."""
        if self._is_dirty and not self._is_broken:
            if self._rest:
                self._put(self._rest)
            self._file.flush()
            self._file.seek(IDENTITY + self._number * SEALED)
            self._is_dirty = False

    def discard(self) -> None:
        """Close a file that is about to be removed."""
        self._file.close()

    def close(self) -> None:
        """Bring everything to the disk and close."""
        if not self._file.closed:
            with self._file:  # closed also when the disk is full
                self.flush()
                self._file.flush()
                os.fsync(self._file.fileno())
