"""Access tokens: ES256 JWTs with the claims that `Claims` describes.

Together with the chassis's verifier the only user of python-jose, always with keys as JWK and an
explicit algorithm.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from jose import jwk, jwt

from gateway.keys.store import SigningKeys
from services.chassis.database.auth import ALGORITHM
from services.chassis.database.claims import AUDIENCE


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity in a token."""

    subject: str
    kind: str
    name: str
    bureau: str | None
    schools: Sequence[str]
    staff_no: str | None
    roles: Sequence[str]
    scopes: frozenset[str]

    @property
    def scope(self) -> str:
        """The scopes in OAuth notation."""
        return " ".join(sorted(self.scopes))


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs access tokens synchronously, without access to the database.

    Attributes:
        kid: the id of the signing key.
        key: the private key.
        issuer: `iss` of the tokens.
        lifetime_seconds: lifetime of the tokens.
    """

    kid: str
    key: object
    issuer: str
    lifetime_seconds: int

    def sign(self, identity: Identity) -> str:
        """An access token for `identity`."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": identity.subject,
            "iat": now,
            "exp": now + self.lifetime_seconds,
            "jti": uuid4().hex,
            "kind": identity.kind,
            "name": identity.name,
            "bureau": identity.bureau,
            "schools": list(identity.schools),
            "staff_no": identity.staff_no,
            "roles": list(identity.roles),
            "scope": identity.scope,
        }
        headers = {"kid": self.kid}
        token: str = jwt.encode(claims, self.key, algorithm=ALGORITHM, headers=headers)
        return token


class TokenIssuer:
    """Provides signers with the current key."""

    def __init__(self, keys: SigningKeys, issuer: str, lifetime_seconds: int) -> None:
        self._keys = keys
        self._issuer, self._lifetime_seconds = issuer, lifetime_seconds
        self._signer: Signer | None = None

    async def signer(self) -> Signer:
        """A signer with the current key.

        Call this before a transaction begins: it may have to read the keys, and requests that hold
        one connection while they wait for another can block each other.
        """
        kid, private = await self._keys.current()
        if self._signer is None or self._signer.kid != kid:
            key = jwk.construct(private, ALGORITHM)
            self._signer = Signer(kid, key, self._issuer, self._lifetime_seconds)
        return self._signer
