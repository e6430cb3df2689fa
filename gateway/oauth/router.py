"""Routes of OAuth 2: token endpoint, revocation, metadata."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, BeforeValidator, Field

from gateway.oauth.clients import token_of_client
from gateway.oauth.credentials import Credentials, credentials_of
from gateway.oauth.errors import (
    InvalidClient,
    InvalidScope,
    InvalidTokenRequest,
    UnsupportedGrantType,
)
from gateway.sessions.errors import InvalidGrant
from gateway.sessions.models import TokenAnswer
from gateway.sessions.refresh import Refreshes
from gateway.settings import GatewaySettings
from gateway.tags import IDENTITY_TAG
from gateway.tokens import TokenIssuer
from services.chassis.core.errors import UnsupportedMediaType, documents
from services.chassis.core.resources import resource, resources_of
from services.chassis.database.auth import ALGORITHM
from services.chassis.database.db import TheDatabase
from services.chassis.http.route_rules import DONE_AGAIN, OAUTH_ERRORS
from services.chassis.schemas.fields import BureauCode
from services.chassis.schemas.texts import no_nul

router = APIRouter(tags=[IDENTITY_TAG])
_FORM = "application/x-www-form-urlencoded"


def require_form(request: Request) -> None:
    """A dependency of routes that read a form (RFC 6749, appendix B).

    Raises:
        UnsupportedMediaType: the body is declared as something else.
    """
    if request.headers.get("content-type", _FORM).partition(";")[0].strip().lower() != _FORM:
        raise UnsupportedMediaType(accepted=_FORM)


NeedsForm = Depends(require_form)

Parameter = Annotated[str, BeforeValidator(no_nul)]


TheRefreshes = Annotated[Refreshes, resource(Refreshes)]


class TokenRequest(BaseModel):
    """A token request (RFC 6749, which requires unknown parameters to be ignored)."""

    grant_type: Parameter = Field(
        description="`client_credentials` or `refresh_token`", examples=["client_credentials"]
    )
    client_id: Parameter | None = Field(
        None, max_length=64, description="Alternatively in a Basic header", examples=["hr-system"]
    )
    client_secret: Parameter | None = Field(
        None,
        max_length=200,
        description="Alternatively in a Basic header",
        examples=["jhs_0c0Yxq…"],
    )
    refresh_token: Parameter | None = Field(
        None,
        max_length=200,
        description="Required for the grant `refresh_token`",
        examples=["jhr_0c0Yxq…"],
    )
    scope: Parameter | None = Field(
        None,
        max_length=2000,
        description="A subset of the client's scopes",
        examples=["schools:read staff:read"],
    )
    bureau: BureauCode | None = Field(
        None,
        description="Bureau of the request; only for the services' own clients",
        examples=["620123"],
    )


@router.post(
    "/oauth/token",
    summary="Get a token (获取令牌)",
    response_model_exclude_none=True,
    responses=documents(
        InvalidClient, InvalidGrant, UnsupportedGrantType, InvalidScope, InvalidTokenRequest
    ),
    openapi_extra=DONE_AGAIN | OAUTH_ERRORS,
    dependencies=[NeedsForm],
)
async def create_token(
    form: Annotated[TokenRequest, Form()],
    basic: Annotated[Credentials | None, Depends(credentials_of)],
    database: TheDatabase,
    issuer: Annotated[TokenIssuer, resource(TokenIssuer)],
    refreshes: TheRefreshes,
) -> TokenAnswer:
    """`client_credentials` with id and secret (form or Basic), or a `refresh_token`.

    A refresh token that is sent again within seconds gets the same answer again. Later, or after
    the token that followed it was used, a second use ends the session.
    """
    if form.grant_type == "refresh_token":
        if not form.refresh_token:
            raise InvalidTokenRequest(parameter="refresh_token")
        return await refreshes.exchange(form.refresh_token)
    if form.grant_type != "client_credentials":
        raise UnsupportedGrantType
    given = basic or Credentials(form.client_id or "", form.client_secret or "")
    return await token_of_client(database, await issuer.signer(), given, form.bureau, form.scope)


@router.post(
    "/oauth/revoke",
    summary="Revoke a refresh token (撤销令牌)",
    openapi_extra=DONE_AGAIN | OAUTH_ERRORS,
    dependencies=[NeedsForm],
)
async def revoke_token(
    token: Annotated[
        Parameter, Form(max_length=8192, description="A refresh token", examples=["jhr_0c0Yxq…"])
    ],
    refreshes: TheRefreshes,
) -> dict[str, str]:
    """End the session that a refresh token belongs to; an unknown token is no error (RFC 7009).

    Access tokens cannot be revoked: they expire by themselves.
    """
    await refreshes.revoke(token)
    return {}


class ProviderRead(BaseModel):
    """Where identity is found, in OpenID Connect's words (身份服务说明)."""

    issuer: str = Field(description="`iss` of every token", examples=["http://127.0.0.1:8700"])
    token_endpoint: str = Field(
        description="Where tokens are had", examples=["http://127.0.0.1:8700/oauth/token"]
    )
    revocation_endpoint: str = Field(
        description="Where sessions end", examples=["http://127.0.0.1:8700/oauth/revoke"]
    )
    jwks_uri: str = Field(
        description="Public keys", examples=["http://127.0.0.1:8700/.well-known/jwks.json"]
    )
    grant_types_supported: list[str] = Field(
        description="Ways to a token", examples=[["client_credentials", "refresh_token"]]
    )
    token_endpoint_auth_methods_supported: list[str] = Field(
        description="How clients prove themselves", examples=[["client_secret_basic"]]
    )
    access_token_signing_alg_values_supported: list[str] = Field(
        description="Signatures", examples=[["ES256"]]
    )


@router.get("/.well-known/openid-configuration", summary="Identity endpoints (身份服务说明)")
async def read_provider(request: Request) -> ProviderRead:
    """The endpoints that exist, at the address that the operator has set for the platform."""
    base = resources_of(request)[GatewaySettings].public_url
    return ProviderRead(
        issuer=base,
        token_endpoint=f"{base}/oauth/token",
        revocation_endpoint=f"{base}/oauth/revoke",
        jwks_uri=f"{base}/.well-known/jwks.json",
        grant_types_supported=["client_credentials", "refresh_token"],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
        access_token_signing_alg_values_supported=[ALGORITHM],
    )
