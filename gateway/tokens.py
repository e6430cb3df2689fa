"""Access tokens: ES256 JWTs with the claims that `Caller` reads.

With the chassis's verifier the only place that uses python-jose, always with keys as JWK and
the algorithm named.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from jose import jwk, jwt

from gateway.keys.store import SigningKeys
from services.chassis.database.auth import ALGORITHM, AUDIENCE, ISSUER


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


class TokenIssuer:
    """Signs access tokens with the current key."""

    def __init__(self, keys: SigningKeys, lifetime_seconds: int) -> None:
        self._keys = keys
        self._kid = ""
        self._key: object = None
        self.lifetime_seconds = lifetime_seconds

    async def issue(self, identity: Identity) -> str:
        """An access token for `identity`."""
        kid, private = await self._keys.current()
        if kid != self._kid:
            self._kid, self._key = kid, jwk.construct(private, ALGORITHM)
        now = int(time.time())
        claims = {
            "iss": ISSUER,
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
        token: str = jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": kid})
        return token
