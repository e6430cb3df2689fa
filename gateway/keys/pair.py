"""Creation of signing keys, and wrapping of the private key."""

import base64
import hashlib
import os
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class WrongMasterKey(RuntimeError):
    """The stored keys were wrapped with a different `master_key`."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An ES256 key pair as JWKs."""

    kid: str
    public: dict[str, Any]
    private: dict[str, Any]


def new_key_pair() -> KeyPair:
    """A new P-256 key; its id is the RFC 7638 thumbprint."""
    private = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    point = private.public_numbers
    members = {"crv": "P-256", "kty": "EC", "x": _number(point.x), "y": _number(point.y)}
    kid = _base64(hashlib.sha256(orjson.dumps(members, option=orjson.OPT_SORT_KEYS)).digest())
    public = members | {"kid": kid, "use": "sig", "alg": "ES256"}
    return KeyPair(kid, public, public | {"d": _number(private.private_value)})


def wrap(pair: KeyPair, master_key: bytes) -> bytes:
    """The private JWK encrypted with the master key, bound to its id."""
    nonce = os.urandom(_NONCE)
    plain = orjson.dumps(pair.private)
    return nonce + AESGCM(master_key).encrypt(nonce, plain, pair.kid.encode())


def unwrap(kid: str, wrapped: bytes, master_key: bytes) -> dict[str, Any]:
    """The private JWK.

    Raises:
        WrongMasterKey: it was wrapped with a different master key.
    """
    try:
        plain = AESGCM(master_key).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], kid.encode())
    except InvalidTag as error:
        raise WrongMasterKey(
            "the secret master_key cannot decrypt the stored signing key: database and secrets "
            "belong together; restore the secret with which this database was first started"
        ) from error
    private: dict[str, Any] = orjson.loads(plain)
    return private


def _number(value: int) -> str:
    return _base64(value.to_bytes(32, "big"))


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
