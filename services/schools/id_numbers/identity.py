"""Stored form of an ID number: ciphertext, blind index, gender and date of birth."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, NamedTuple, Self

from services.chassis.core.resources import Resources, resource
from services.chassis.core.settings import read_secret
from services.chassis.database.encrypted_columns import KeyRing
from services.chassis.schemas.id_numbers.parts import MASK, birth_date_of, gender_of

# A blind index of this length is nobody's; real ones are twice as long.
_VACANT_BYTES = 16
# SQL: such an index.
NEW_VACANT_INDEX = "uuid_send(gen_random_uuid())"


class Identity(NamedTuple):
    """The columns that an ID number becomes."""

    id_number_cipher: bytes
    id_number_index: bytes
    gender: str
    birth_date: date

    @classmethod
    def of(cls, number: str, keys: KeyRing) -> Self:
        """The columns for a checked number."""
        return cls(
            keys.encrypt(number),
            keys.blind_index(number),
            gender_of(number),
            birth_date_of(number),
        )

    def vacated(self, keys: KeyRing) -> "Identity":
        """The same without the number; only the length of the index differs."""
        index = secrets.token_bytes(_VACANT_BYTES)
        return self._replace(id_number_cipher=vacant_cipher(keys), id_number_index=index)


def vacant_cipher(keys: KeyRing) -> bytes:
    """The ciphertext of a person without a recorded number: that of the mask."""
    return keys.encrypt(MASK)


def is_vacant(index: bytes) -> bool:
    """Whether a blind index stands for no number."""
    return len(index) == _VACANT_BYTES


def read_key_ring() -> KeyRing:
    """The keys for personal data, from their secret.

    Raises:
        RuntimeError: the secret `pii_keys` is missing.
    """
    document = read_secret("pii_keys")
    if not document:
        raise RuntimeError("the secret pii_keys is missing: see docs/operations.md, Secrets")
    return KeyRing.from_json(document)


@asynccontextmanager
async def provide_key_ring(resources: Resources) -> AsyncIterator[None]:
    """Make the keys available to routes and jobs."""
    resources.add(read_key_ring())
    yield


Keys = Annotated[KeyRing, resource(KeyRing)]
