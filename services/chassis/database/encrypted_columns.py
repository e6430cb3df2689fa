"""Personal data at rest: AES-GCM under a key ring, and a keyed blind index for equality.

A stored value is `key id, nonce, ciphertext`; the key id lets old and new keys live side by side
while a rotation re-encrypts. The blind index is an HMAC: it finds and distinguishes numbers
without revealing them, and does not change when the encryption key does.
"""

import base64
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from services.chassis.core.errors import Unavailable
from services.chassis.core.text import Text

_NONCE = 12
_SEPARATOR = b":"
# Replaces an erased value: encrypted with no key, so nothing can be read from it.
ERASED, ERASED_KEY = b":", ""


class KeyMissing(Unavailable):
    """A stored value needs a key that this process does not have."""

    code = "pii.key_missing"
    title = Text("缺少个人信息密钥", "Key for personal data missing")
    detail = Text(
        "本进程没有密钥 {key}，请管理员检查 pii_keys 并重启。",
        "This process lacks the key {key}: check pii_keys and restart it.",
    )


@dataclass(frozen=True)
class KeyRing:
    """The keys for personal data of one service."""

    current: str
    keys: dict[str, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)
    _ciphers: dict[str, AESGCM] = field(init=False, repr=False, compare=False)
    _index: HMAC = field(init=False, repr=False, compare=False)

    @classmethod
    def from_json(cls, document: str) -> "KeyRing":
        """Read `{"current": "k1", "keys": {"k1": base64}, "index": base64}`.

        Raises:
            ValueError: a key is missing or not 32 bytes long.
        """
        stated = json.loads(document)
        keys = {name: base64.b64decode(key) for name, key in stated["keys"].items()}
        ring = cls(stated["current"], keys, base64.b64decode(stated["index"]))
        if ring.current not in keys or any(len(k) != 32 for k in (*keys.values(), ring.index_key)):
            raise ValueError("personal-data keys: the current key is missing or not 32 bytes long")
        return ring

    def __post_init__(self) -> None:
        ciphers = {name: AESGCM(key) for name, key in self.keys.items()}
        object.__setattr__(self, "_ciphers", ciphers)
        object.__setattr__(self, "_index", HMAC(self.index_key, SHA256()))

    def encrypt(self, value: str) -> bytes:
        """`value` under the current key."""
        return next(self.encrypt_all((value,)))

    def encrypt_all(self, values: Sequence[str]) -> Iterator[bytes]:
        """Each value under the current key; the system is asked for random bytes only once."""
        encrypt, prefix = self._ciphers[self.current].encrypt, self.current.encode() + _SEPARATOR
        nonces = os.urandom(_NONCE * len(values))
        for at, value in enumerate(values):
            nonce = nonces[_NONCE * at : _NONCE * (at + 1)]
            yield prefix + nonce + encrypt(nonce, value.encode(), None)

    def decrypt(self, stored: bytes) -> str:
        """The plaintext of a stored value.

        Raises:
            KeyMissing: its key is not in the ring.
            cryptography.exceptions.InvalidTag: it was altered.
        """
        name, _, rest = stored.partition(_SEPARATOR)
        cipher = self._ciphers.get(name.decode())
        if cipher is None:
            raise KeyMissing(key=name.decode())
        return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], None).decode()

    def blind_index(self, value: str) -> bytes:
        """A keyed digest, equal for equal values."""
        # A copy of a keyed state costs a third of keying a new one.
        keyed = self._index.copy()
        keyed.update(value.encode())
        return keyed.finalize()
