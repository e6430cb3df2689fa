"""Routes of logging in, and of the caller's own account."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from gateway.sessions import own
from gateway.sessions.errors import AccountLocked, LoginFailed, NoPassword
from gateway.sessions.login import Logins, identity_of_account
from gateway.sessions.models import LoginRequest, MeRead, PasswordChange, TokenAnswer
from gateway.sessions.refresh import start_family
from gateway.tokens import Identity, TokenIssuer
from services.chassis.auth import Caller, allow
from services.chassis.db import Begin
from services.chassis.errors import Unavailable, documents
from services.chassis.route_rules import DONE_AGAIN

router = APIRouter(tags=["identity 身份"])

# Every token carries this scope: the route is for anyone who is logged in.
Anyone = Annotated[Caller, allow("codes:read")]


async def logins_of(request: Request) -> Logins:
    """The password check of this process."""
    logins: Logins = request.app.state.logins
    return logins


async def issuer_of(request: Request) -> TokenIssuer:
    """The token issuer of this process."""
    issuer: TokenIssuer = request.app.state.issuer
    return issuer


TheLogins = Annotated[Logins, Depends(logins_of)]
Issuer = Annotated[TokenIssuer, Depends(issuer_of)]


async def answer(issuer: TokenIssuer, identity: Identity, refresh: str | None) -> TokenAnswer:
    """The tokens of `identity` as an answer."""
    return TokenAnswer(
        access_token=await issuer.issue(identity),
        token_type="Bearer",  # noqa: S106 -- the kind of token
        expires_in=issuer.lifetime_seconds,
        refresh_token=refresh,
        scope=identity.scope,
    )


@router.post(
    "/v1/login",
    summary="Log in (登录)",
    responses=documents(LoginFailed, AccountLocked, Unavailable),
    openapi_extra=DONE_AGAIN,
)
async def log_in(
    payload: LoginRequest, request: Request, response: Response, logins: TheLogins, issuer: Issuer
) -> TokenAnswer:
    """Exchange user name and password for an access token and a refresh token."""
    response.headers["Cache-Control"] = "no-store"
    account = await logins.authenticate(payload.username, payload.password)
    state = request.app.state
    async with state.database.connection(None) as connection:
        refresh = await start_family(connection, account["id"], state.settings.refresh_token_hours)
    return await answer(issuer, identity_of_account(account), refresh)


@router.get("/v1/me", summary="Who am I (当前调用者)")
async def read_me(caller: Anyone) -> MeRead:
    """The caller as its token tells."""
    return MeRead(
        subject=caller.subject,
        kind=caller.kind,
        name=caller.name,
        bureau=caller.bureau,
        schools=list(caller.schools),
        staff_no=caller.staff_no,
        roles=sorted(caller.roles),
        scopes=sorted(caller.scopes),
    )


@router.post(
    "/v1/me/password",
    summary="Change one's own password (修改密码)",
    status_code=204,
    responses=documents(LoginFailed, AccountLocked, NoPassword),
)
async def change_password(
    payload: PasswordChange, request: Request, caller: Anyone, logins: TheLogins, begin: Begin
) -> None:
    """Set a new password and end all other sessions; the access token stays good."""
    await own.change_password(caller, payload, logins, request.app.state.passwords, begin)
