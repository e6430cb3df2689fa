"""Real access tokens under a test key, so that services verify them as they do in earnest."""

import time
from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jose import jwk, jwt

from gateway.roles import ROLES, Role
from services.chassis.core.settings import Settings

ISSUER: str = Settings.model_fields["public_url"].default
KID = "test"
_PRIVATE = ec.generate_private_key(ec.SECP256R1())
PRIVATE_PEM = _PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC_JWK: dict[str, Any] = jwk.construct(PRIVATE_PEM, "ES256").public_key().to_dict()


async def key_of(kid: str) -> dict[str, Any] | None:
    """The public test key."""
    return PUBLIC_JWK if kid == KID else None


def claims(
    roles: Iterable[str] = (),
    *,
    bureau: str | None,
    schools: Iterable[str] = (),
    staff_no: str | None = None,
    scopes: Iterable[str] | None = None,
    name: str = "tester",
) -> dict[str, Any]:
    """The claims of an access token of somebody with these roles."""
    granted = (
        scopes if scopes is not None else {s for role in roles for s in ROLES[Role(role)].scopes}
    )
    now = int(time.time())
    return {
        "iss": ISSUER,
        "aud": "junheng",
        "iat": now,
        "exp": now + 14_400,
        "sub": str(uuid5(NAMESPACE_URL, f"{bureau}/{name}")),
        "kind": "account",
        "name": name,
        "bureau": bureau,
        "schools": list(schools),
        "staff_no": staff_no,
        "roles": list(roles),
        "scope": " ".join(sorted(granted)),
    }


def sign(payload: dict[str, Any], **header: Any) -> str:
    """A token under the test key."""
    token: str = jwt.encode(payload, PRIVATE_PEM, algorithm="ES256", headers={"kid": KID} | header)
    return token


def bearer(*roles: str, **subject: Any) -> dict[str, str]:
    """An `Authorization` header of somebody with these roles."""
    return {"Authorization": f"Bearer {sign(claims(roles, **subject))}"}
