"""Access tokens: ES256 JWTs with the claims that `Claims` describes.

With the chassis's verifier the only place that uses python-jose, always with keys as JWK and
the algorithm named.
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
    """Whom a token is for."""

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
        """The scopes as OAuth writes them."""
        return " ".join(sorted(self.scopes))


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs access tokens at once: it needs neither the database nor to wait for anything.

    Attributes:
        kid: the id of the signing key.
        key: the private key.
        issuer: `iss` of the tokens.
        lifetime_seconds: how long they are good.
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
    """Gives out signers with the current key."""

    def __init__(self, keys: SigningKeys, issuer: str, lifetime_seconds: int) -> None:
        self._keys = keys
        self._issuer, self._lifetime_seconds = issuer, lifetime_seconds
        self._signer: Signer | None = None

    async def signer(self) -> Signer:
        """What signs with the current key.

        It is asked for before a transaction is begun: the keys may have to be read again, and a
        request that holds one connection while it waits for another can block all of them.
        """
        kid, private = await self._keys.current()
        if self._signer is None or self._signer.kid != kid:
            key = jwk.construct(private, ALGORITHM)
            self._signer = Signer(kid, key, self._issuer, self._lifetime_seconds)
        return self._signer
