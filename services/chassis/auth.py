"""Who calls: verified access tokens, the `Caller`, and scopes on routes.

python-jose is used here and in the gateway's token module only, always with the algorithm
pinned and the required claims switched on: version 3.5 accepts a token without `exp` or `aud`
otherwise, and a forged HS256 when algorithms are left open.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Security
from fastapi.security import HTTPBearer, SecurityScopes
from jose import jwt
from jose.exceptions import JOSEError
from pydantic import BaseModel, ConfigDict, ValidationError

from services.chassis.errors import MissingScope, NotAuthenticated

ISSUER = AUDIENCE = "junheng"
ALGORITHM = "ES256"
_OPTIONS = {f"require_{claim}": True for claim in ("exp", "iat", "sub", "aud", "iss")}
_CACHE_SIZE = 20_000
_MAX_TOKEN = 8192

KeySource = Callable[[str], Awaitable[dict[str, Any] | None]]


class Caller(BaseModel):
    """The subject of a verified token, and what it may see (调用者)."""

    model_config = ConfigDict(frozen=True)

    subject: str
    kind: str
    name: str
    bureau: str | None
    schools: tuple[str, ...]
    staff_no: str | None
    roles: frozenset[str]
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether the token carries `scope`."""
        return scope in self.scopes

    @property
    def is_person(self) -> bool:
        """Whether the caller sees its own person only (role `staff` and no other)."""
        return self.roles == frozenset({"staff"})

    def as_person(self) -> "Caller":
        """The same caller, who sees what a person's own account sees, whatever the roles."""
        return self.model_copy(update={"roles": frozenset({"staff"}), "schools": ()})

    @property
    def level(self) -> str:
        """Whose rows the caller may see: the name of the row-security level."""
        if self.bureau is None:
            return "platform"
        if self.is_person:
            return "person"
        return "schools" if self.schools else "bureau"

    @property
    def bureau_code(self) -> str:
        """The bureau whose data this caller works on.

        Raises:
            MissingScope: for platform accounts, which belong to no bureau.
        """
        if self.bureau is None:
            raise MissingScope(scope="bureau")
        return self.bureau

    @classmethod
    def from_claims(cls, claims: dict[str, Any]) -> "Caller":
        """Read the claims laid down in the gateway's token module."""
        return cls(
            subject=claims["sub"],
            kind=claims["kind"],
            name=claims["name"],
            bureau=claims["bureau"],
            schools=tuple(claims["schools"]),
            staff_no=claims["staff_no"],
            roles=frozenset(claims["roles"]),
            scopes=frozenset(claims["scope"].split()),
        )


@dataclass(slots=True)
class _Known:
    caller: Caller
    expires_at: float


class TokenVerifier:
    """Verifies access tokens; remembers good ones by hash until they expire."""

    def __init__(self, key_source: KeySource) -> None:
        self._key_of = key_source
        self._known: OrderedDict[bytes, _Known] = OrderedDict()

    async def verify(self, token: str) -> Caller:
        """The caller named by `token`.

        Raises:
            NotAuthenticated: the token is malformed, forged, expired or meant for others.
        """
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known and known.expires_at > time.time():
            return known.caller
        claims = await self._claims(token)
        try:
            caller = Caller.from_claims(claims)
        except (KeyError, TypeError, AttributeError, ValidationError) as error:
            raise _refused("令牌内容不完整。", "The token lacks claims.") from error
        self._known[digest] = _Known(caller, float(claims["exp"]))
        if len(self._known) > _CACHE_SIZE:
            self._known.popitem(last=False)
        return caller

    async def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > _MAX_TOKEN:
            raise _refused("令牌过长。", "The token is too long.")
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key_of(str(header.get("kid"))) if header.get("kid") else None
            if header.get("alg") != ALGORITHM or key is None:
                raise _refused("令牌签名未知。", "The token's signature is unknown.")
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options=_OPTIONS,
            )
        except JOSEError as error:
            raise _refused("令牌无效或已过期。", "The token is invalid or expired.") from error
        return claims


def _refused(reason_zh: str, reason_en: str) -> NotAuthenticated:
    return NotAuthenticated(
        reason_zh=reason_zh,
        reason_en=reason_en,
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


async def bearer_token(request: Request) -> str:
    """The request's bearer token.

    Raises:
        NotAuthenticated: there is none.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _refused("缺少令牌。", "No bearer token.")
    return token.strip()


async def current_caller(request: Request) -> Caller:
    """The verified caller of this request."""
    verifier: TokenVerifier = request.app.state.verifier
    return await verifier.verify(await bearer_token(request))


class _Authorise(HTTPBearer):
    """The scheme that the OpenAPI document names, and the check itself, in one dependency."""

    async def __call__(  # type: ignore[override]
        self, request: Request, security_scopes: SecurityScopes
    ) -> Caller:
        """The caller, who must hold every scope that the route names.

        Raises:
            NotAuthenticated: no token, or one that does not hold.
            MissingScope: a scope is missing.
        """
        caller = await current_caller(request)
        for scope in security_scopes.scopes:
            if not caller.may(scope):
                await request.app.state.refusals.record(request, caller, scope)
                raise MissingScope(scope=scope)
        return caller


authorise = _Authorise(
    bearerFormat="JWT", scheme_name="HTTPBearer", description="ES256 access token"
)


def allow(scope: str) -> Any:
    """`Annotated[Caller, allow("staff:read")]` guards a route with one scope."""
    return Security(authorise, scopes=[scope])
