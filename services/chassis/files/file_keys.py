"""Keys of stored files: one for each job, kept with it, wrapped under `files_key`."""

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.chassis.files.sealed_blocks import NONCE

KEY_BYTES = 32


def new_key() -> bytes:
    """A key for the files of one job."""
    return os.urandom(KEY_BYTES)


def wrap_key(key: bytes, files_key: bytes) -> bytes:
    """A job's key as it is stored."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(files_key).encrypt(nonce, key, None)


def unwrap_key(wrapped: bytes, files_key: bytes) -> bytes:
    """A job's key from how it is stored.

    Raises:
        cryptography.exceptions.InvalidTag: `files_key` is not the one it was wrapped under.
    """
    return AESGCM(files_key).decrypt(wrapped[:NONCE], wrapped[NONCE:], None)
