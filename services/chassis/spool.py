"""Files on disk that people send and fetch, encrypted: they hold people's data in full.

AES-256 in counter mode under a key of the file's own, so that any range can be read and a broken
upload continued at its end. The key is kept with the job, wrapped under `files_key`. A file that
is begun anew gets a new key: no two contents are ever written under the same counters.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
BLOCK = 1 << 20
_AES_BLOCK, _NONCE = 16, 12


def new_key() -> bytes:
    """A key for one file."""
    return os.urandom(KEY_BYTES)


def wrap_key(key: bytes, files_key: bytes) -> bytes:
    """A file's key as it is stored."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(files_key).encrypt(nonce, key, None)


def unwrap_key(wrapped: bytes, files_key: bytes) -> bytes:
    """A file's key from how it is stored.

    Raises:
        cryptography.exceptions.InvalidTag: `files_key` is not the one it was wrapped under.
    """
    return AESGCM(files_key).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], None)


class Spool:
    """One encrypted file."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path, self.key = path, key

    @property
    def size(self) -> int:
        """Its length, 0 when there is none."""
        return self.path.stat().st_size if self.path.exists() else 0

    def read(self, offset: int, length: int) -> bytes:
        """Some bytes from `offset` on, fewer at the end."""
        with self.path.open("rb") as file:
            file.seek(offset)
            return self._crypt(file.read(length), offset)

    def blocks(self, size: int = BLOCK) -> Iterator[bytes]:
        """The whole content, block by block."""
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
        """A writer that goes on at `offset`; what was behind it is cut off."""
        return Writer(self, offset)

    def _crypt(self, data: bytes, offset: int) -> bytes:
        return self.stream(offset).update(data) if data else b""

    def stream(self, offset: int) -> "_Stream":
        """En- or decrypts from `offset` on: the same in counter mode."""
        return _Stream(self.key, offset)


class _Stream:
    def __init__(self, key: bytes, offset: int) -> None:
        counter, skipped = divmod(offset, _AES_BLOCK)
        mode = modes.CTR(counter.to_bytes(_AES_BLOCK, "big"))
        self._encryptor = Cipher(algorithms.AES256(key), mode).encryptor()
        self._encryptor.update(bytes(skipped))

    def update(self, data: bytes) -> bytes:
        """The next bytes."""
        return self._encryptor.update(data)


class Writer:
    """Appends to a spool."""

    def __init__(self, spool: Spool, offset: int) -> None:
        spool.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(spool.path, os.O_RDWR | os.O_CREAT, 0o600)
        self._file = os.fdopen(handle, "r+b")
        self._file.truncate(offset)
        self._file.seek(offset)
        self._stream = spool.stream(offset)
        self.size = offset

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, data: bytes) -> None:
        """Append some bytes."""
        self._file.write(self._stream.update(data))
        self.size += len(data)

    def close(self) -> None:
        """Bring everything to the disk and close."""
        if not self._file.closed:
            with self._file:  # closed also when the disk is full
                self._file.flush()
                os.fsync(self._file.fileno())
