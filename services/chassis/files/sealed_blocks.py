"""Blocks of an encrypted file: sealed so that any change is noticed."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text

# Lengths in bytes: of a file's identity, and of what stands around the content of a block.
IDENTITY, NONCE, TAG = 16, 12, 16
# Of content, and of the block that holds it.
PLAIN = 1 << 16
SEALED = NONCE + PLAIN + TAG


class FileDamaged(AppError):
    """A stored file is not as the platform wrote it."""

    status = 410
    code = "file.damaged"
    title = Text("文件已损坏", "Damaged file")
    detail = Text(
        "服务器上的文件在平台之外被改动或损坏，不能使用。请重新上传，或重新导出。",
        "The file on the server was changed or damaged outside the platform and cannot be used. "
        "Upload it again, or repeat the export.",
    )


class BlockCipher:
    """Seals and opens the blocks of one file."""

    def __init__(self, key: bytes, identity: bytes) -> None:
        self._cipher, self._identity = AESGCM(key), identity

    def seal(self, number: int, content: bytes | bytearray) -> bytes:
        """A block as it is stored; each time under another nonce."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, content, self._place(number))

    def open(self, number: int, sealed: memoryview) -> bytes:
        """The content of a block.

        Raises:
            FileDamaged: it is not the block that was written there.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], self._place(number))
        except (InvalidTag, ValueError) as error:  # the second: too short for a nonce
            raise FileDamaged from error

    def _place(self, number: int) -> bytes:
        return self._identity + number.to_bytes(8, "big")
