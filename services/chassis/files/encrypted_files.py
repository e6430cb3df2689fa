"""Files on disk that people send and fetch, encrypted: they hold people's data in full.

AES-256 in counter mode, so that any range can be read and a broken upload continued at its end.
The key belongs to one job and is kept with it, wrapped under `files_key`. Where a file begins
counting is random and stands before its content: no two contents are ever written under the same
counters, neither those of one job's files nor those of a file that is begun anew.
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
_COUNTERS = 1 << 128


def new_key() -> bytes:
    """A key for the files of one job."""
    return os.urandom(KEY_BYTES)


def wrap_key(key: bytes, files_key: bytes) -> bytes:
    """A job's key as it is stored."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(files_key).encrypt(nonce, key, None)


def unwrap_key(wrapped: bytes, files_key: bytes) -> bytes:
    """A job's key from how it is stored.

    Raises:
        cryptography.exceptions.InvalidTag: `files_key` is not the one it was wrapped under.
    """
    return AESGCM(files_key).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], None)


class EncryptedFile:
    """One encrypted file."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path, self.key = path, key

    @property
    def size(self) -> int:
        """The length of its content, 0 when there is none."""
        return max(self.path.stat().st_size - _AES_BLOCK, 0) if self.path.exists() else 0

    def read(self, offset: int, length: int) -> bytes:
        """Some bytes from `offset` on, fewer at the end."""
        with self.path.open("rb") as file:
            stream = _Stream(self.key, file.read(_AES_BLOCK), offset)
            file.seek(_AES_BLOCK + offset)
            return stream.update(file.read(length))

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


class _Stream:
    """En- or decrypts from an offset on: the same in counter mode."""

    def __init__(self, key: bytes, begin: bytes, offset: int) -> None:
        counted, skipped = divmod(offset, _AES_BLOCK)
        counter = (int.from_bytes(begin, "big") + counted) % _COUNTERS
        mode = modes.CTR(counter.to_bytes(_AES_BLOCK, "big"))
        self._encryptor = Cipher(algorithms.AES256(key), mode).encryptor()
        self._encryptor.update(bytes(skipped))

    def update(self, data: bytes) -> bytes:
        """The next bytes."""
        return self._encryptor.update(data)


class Writer:
    """Appends to an encrypted file."""

    def __init__(self, encrypted_file: EncryptedFile, offset: int) -> None:
        encrypted_file.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(encrypted_file.path, os.O_RDWR | os.O_CREAT, 0o600)
        self._file = os.fdopen(handle, "r+b")
        begin = self._begin_anew() if offset == 0 else self._file.read(_AES_BLOCK)
        self._file.truncate(_AES_BLOCK + offset)
        self._file.seek(_AES_BLOCK + offset)
        self._stream = _Stream(encrypted_file.key, begin, offset)
        self.size = offset

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin_anew(self) -> bytes:
        begin = os.urandom(_AES_BLOCK)
        self._file.truncate(0)
        self._file.write(begin)
        return begin

    def write(self, data: bytes) -> None:
        """Append some bytes."""
        self._file.write(self._stream.update(data))
        self.size += len(data)

    def flush(self) -> None:
        """Let others read what has been written."""
        self._file.flush()

    def discard(self) -> None:
        """Close a file that is about to be removed."""
        self._file.close()

    def close(self) -> None:
        """Bring everything to the disk and close."""
        if not self._file.closed:
            with self._file:  # closed also when the disk is full
                self._file.flush()
                os.fsync(self._file.fileno())
