"""Stored responses of an `Idempotency-Key`, which only the same request can decrypt.

They show names and birth dates, and sometimes a secret that is shown this once. So each is sealed
under a key made of the caller's own key, which is not stored, and of a secret of the server, which
is not in the database. Neither a copy of the database nor the server by itself opens one.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from starlette.types import Message, Send

from services.chassis.database.db import Conn, Database

KEPT = "24 hours"
# Records deleted in one transaction.
_AT_ONCE = 10_000
_NONCE, _KEY = 12, 32
_KEPT_HEADERS = frozenset(
    {b"content-type", b"etag", b"location", b"content-language", b"cache-control", b"retry-after"}
)


class Answer:
    """A response that is held back until its transaction has committed."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def record(self, message: Message) -> None:
        """Record one ASGI message."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def send(self, send: Send) -> None:
        """Send the response."""
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        await send(start)
        await send({"type": "http.response.body", "body": self.body})

    def packed(self) -> bytes:
        """Status, the headers that belong to the content, and the body."""
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in self.headers
            if name.lower() in _KEPT_HEADERS
        ]
        return orjson.dumps([self.status, headers]) + b"\n" + self.body

    @classmethod
    def unpacked(cls, packed: bytes) -> "Answer":
        """The response to replay, marked as such."""
        head, _, body = packed.partition(b"\n")
        answer = cls()
        answer.status, headers = orjson.loads(head)
        answer.body = body
        answer.headers = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        answer.headers.append((b"idempotent-replayed", b"true"))
        return answer


class Seal:
    """Encryption for one key of one caller.

    Attributes:
        name: stands for the key in the database, and does not tell it.
    """

    def __init__(self, secret: bytes, subject: str, key: str) -> None:
        derive = HKDF(SHA256(), 3 * _KEY, salt=secret, info=subject.encode())
        keys = derive.derive(key.encode())
        self.name, self._digest_key = keys[:_KEY], keys[_KEY : 2 * _KEY]
        self._cipher = AESGCM(keys[2 * _KEY :])

    def digest(self, request: bytes) -> bytes:
        """A digest that is equal for equal requests and cannot be guessed without the key."""
        return hmac.digest(self._digest_key, request, hashlib.sha256)

    def close(self, answer: Answer, digest: bytes) -> bytes:
        """The response in stored form, bound to its request."""
        return self.wrap(answer.packed(), digest)

    def open(self, stored: bytes, digest: bytes) -> Answer:
        """The response from its stored form.

        Raises:
            cryptography.exceptions.InvalidTag: it was altered.
        """
        return Answer.unpacked(self.unwrap(stored, digest))

    def wrap(self, content: bytes, bound_to: bytes) -> bytes:
        """Encrypt `content`; decryption requires the same key and the same `bound_to`."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, bound_to)

    def unwrap(self, stored: bytes, bound_to: bytes) -> bytes:
        """Decrypt the result of `wrap`.

        Raises:
            cryptography.exceptions.InvalidTag: it was altered, or is something else's.
        """
        return self._cipher.decrypt(stored[:_NONCE], stored[_NONCE:], bound_to)


_FORGET = f"""
delete from idempotency where ctid = any(array(
    select ctid from idempotency where created_at < now() - interval '{KEPT}'
    order by created_at limit {_AT_ONCE} for update skip locked))
"""


async def forget_answers_about(connection: Conn, ids: Sequence[UUID]) -> None:
    """Delete every stored response that shows one of these records, for all callers.

    Its request, sent again, is a new one.

    Args:
        connection: as the service itself.
        ids: of records that no answer may show any more.
    """
    await connection.execute("delete from idempotency where about && $1::uuid[]", list(ids))


async def forget_expired_answers(database: Database) -> int:
    """Delete expired responses; returns their number."""
    forgotten, is_more = 0, True
    while is_more:
        async with database.connection(None) as connection:
            done = await connection.execute(_FORGET)
        count = int(done.rpartition(" ")[2])
        forgotten, is_more = forgotten + count, count == _AT_ONCE
    return forgotten
