"""What is stored of an ID number: ciphertext, blind index, mask, gender and birth date."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, NamedTuple

from services.chassis.core.resources import Resources, resource
from services.chassis.core.settings import read_secret
from services.chassis.database.encrypted_columns import KeyRing
from services.chassis.schemas.id_numbers.parts import birth_date_of, gender_of, mask


class Identity(NamedTuple):
    """The columns that an ID number becomes."""

    id_number_cipher: bytes
    id_number_index: bytes
    id_number_masked: str
    gender: str
    birth_date: date

    @classmethod
    def of(cls, number: str, keys: KeyRing) -> "Identity":
        """The columns for a checked number."""
        return cls(
            keys.encrypt(number),
            keys.blind_index(number),
            mask(number),
            gender_of(number),
            birth_date_of(number),
        )


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
