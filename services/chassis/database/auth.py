"""Who calls: verified access tokens, the `Caller`, and scopes on routes.

python-jose is used here and in the gateway's token module only, for signatures, always with the
algorithm pinned: version 3.5 accepts a forged HS256 when algorithms are left open. It does not
judge claims: some malformed ones make it fail with an error of Python's own. `Claims` does.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import Request, Security
from fastapi.security import HTTPBearer, SecurityScopes
from jose import jws
from jose.exceptions import JOSEError
from pydantic import BaseModel, ConfigDict, ValidationError

from services.chassis.core.errors import AppError, MissingScope, NotAuthenticated
from services.chassis.core.query_parameters import refuse_stray_parameters
from services.chassis.core.resources import resources_of
from services.chassis.database.claims import Claims

ALGORITHM = "ES256"
_CACHE_SIZE = 20_000
_MAX_TOKEN = 8192
_IN_SCOPE = "junheng.caller"

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
    def is_service(self) -> bool:
        """Whether it is one of the platform's own services: the only clients without a role."""
        return self.kind == "client" and not self.roles

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
    def sees_whole_bureau(self) -> bool:
        """Whether the caller is limited to no school and no person."""
        return self.level == "bureau"

    def require_whole_bureau(self) -> None:
        """Refuse callers who are limited to schools or to a person.

        Raises:
            MissingScope: the caller is.
        """
        if not self.sees_whole_bureau:
            raise MissingScope(scope="bureau")

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
    def from_claims(cls, claims: Claims | dict[str, Any]) -> "Caller":
        """The caller that the claims of a verified token name.

        Raises:
            ValidationError: a claim is missing or malformed.
        """
        given = claims if isinstance(claims, Claims) else Claims.model_validate(claims)
        return cls(
            subject=given.sub,
            kind=given.kind,
            name=given.name,
            bureau=given.bureau,
            schools=tuple(given.schools),
            staff_no=given.staff_no,
            roles=frozenset(given.roles),
            scopes=frozenset(given.scope.split()),
        )


class TokenVerifier:
    """Verifies access tokens; remembers good ones by hash until they expire."""

    def __init__(self, key_source: KeySource, issuer: str) -> None:
        self._key_of, self._issuer = key_source, issuer
        self._known: OrderedDict[bytes, tuple[Caller, int]] = OrderedDict()

    async def verify(self, token: str) -> Caller:
        """The caller named by `token`.

        Raises:
            NotAuthenticated: the token is malformed, forged, expired or meant for others.
        """
        digest = hashlib.sha256(token.encode()).digest()
        caller, expires_at = self._known.get(digest, (None, 0))
        if caller and expires_at > time.time():
            return caller
        claims = await self._claims(token)
        caller = Caller.from_claims(claims)
        self._known[digest] = caller, claims.exp
        if len(self._known) > _CACHE_SIZE:
            self._known.popitem(last=False)
        return caller

    async def _claims(self, token: str) -> Claims:
        """The claims of a token that holds now."""
        try:
            claims = Claims.model_validate_json(await self._payload(token))
        except ValidationError as error:
            raise _refused("令牌内容不完整。", "The token lacks claims.") from error
        if claims.iss != self._issuer or not claims.hold_at(time.time()):
            raise _refused("令牌无效或已过期。", "The token is invalid or expired.")
        return claims

    async def _payload(self, token: str) -> bytes:
        """The content of a token that a live key of the gateway has signed."""
        if len(token) > _MAX_TOKEN:
            raise _refused("令牌过长。", "The token is too long.")
        try:
            header = jws.get_unverified_header(token)
            key = await self._key_of(str(header.get("kid"))) if header.get("kid") else None
            # RFC 7515, 4.1.11: what `crit` names must be understood, and we understand none.
            if header.get("alg") != ALGORITHM or "crit" in header or key is None:
                raise _refused("令牌签名未知。", "The token's signature is unknown.")
            payload: bytes = jws.verify(token, key, algorithms=[ALGORITHM])
        except (JOSEError, RecursionError) as error:
            raise _refused("令牌无效或已过期。", "The token is invalid or expired.") from error
        return payload


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
    """The verified caller of this request; its token is verified once.

    Raises:
        NotAuthenticated: there is no token, or one that does not hold.
    """
    known: Caller | AppError | None = request.scope.get(_IN_SCOPE)
    if known is None:
        try:
            verifier = resources_of(request)[TokenVerifier]
            known = await verifier.verify(await bearer_token(request))
        except AppError as error:
            known = error
        request.scope[_IN_SCOPE] = known
    if isinstance(known, AppError):
        raise known
    return known


log = structlog.get_logger()


class RefusalLog:
    """Where refusals for want of a scope are recorded: at least in the process log."""

    async def record(self, request: Request, caller: Caller, scope: str) -> None:
        """Record one; never raises, since the caller is refused either way."""
        log.info("refused for want of a scope", scope=scope, subject=caller.subject)


class _Authorise(HTTPBearer):
    """The scheme that the OpenAPI document names, and the check itself, in one dependency."""

    async def __call__(  # type: ignore[override]
        self, request: Request, security_scopes: SecurityScopes
    ) -> Caller:
        """The caller, who must hold every scope that the route names.

        Raises:
            NotAuthenticated: no token, or one that does not hold.
            MissingScope: a scope is missing.
            RequestValidationError: a query parameter is unknown or repeated.
        """
        caller = await current_caller(request)
        for scope in security_scopes.scopes:
            if not caller.may(scope):
                await resources_of(request)[RefusalLog].record(request, caller, scope)
                raise MissingScope(scope=scope)
        refuse_stray_parameters(request)
        return caller


authorise = _Authorise(
    bearerFormat="JWT", scheme_name="HTTPBearer", description="ES256 access token"
)


def allow(scope: str) -> Any:
    """`Annotated[Caller, allow("staff:read")]` guards a route with one scope."""
    return Security(authorise, scopes=[scope])
