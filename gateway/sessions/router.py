"""Routes of login and of the caller's own account."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from gateway.passwords import Passwords
from gateway.sessions import own
from gateway.sessions.errors import AccountLocked, LoginFailed, NoPassword
from gateway.sessions.login import Logins
from gateway.sessions.models import LoginRequest, MeRead, PasswordChange, TokenAnswer
from gateway.tags import IDENTITY_TAG
from services.chassis.core.errors import Unavailable, documents
from services.chassis.core.resources import resource, resources_of
from services.chassis.core.scopes import PlatformScope
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Begin, TheDatabase
from services.chassis.http.route_rules import DONE_AGAIN

router = APIRouter(tags=[IDENTITY_TAG])

# Every token has this scope: the route is open to every authenticated caller.
Anyone = Annotated[Caller, allow(PlatformScope.CODES_READ)]


TheLogins = Annotated[Logins, resource(Logins)]


@router.post(
    "/v1/login",
    summary="Log in (登录)",
    responses=documents(LoginFailed, AccountLocked, Unavailable),
    openapi_extra=DONE_AGAIN,
)
async def log_in(payload: LoginRequest, response: Response, logins: TheLogins) -> TokenAnswer:
    """Exchange user name and password for an access token and a refresh token."""
    response.headers["Cache-Control"] = "no-store"
    return await logins.log_in(payload.username, payload.password)


@router.get("/v1/me", summary="Read the current identity (当前调用者)")
async def read_me(caller: Anyone, database: TheDatabase) -> MeRead:
    """The caller's identity and scopes in its token, and the texts that a page shows."""
    return await own.identity(caller, database)


@router.post(
    "/v1/me/password",
    summary="Change your own password (修改密码)",
    status_code=204,
    responses=documents(LoginFailed, AccountLocked, NoPassword),
)
async def change_password(
    payload: PasswordChange, request: Request, caller: Anyone, logins: TheLogins, begin: Begin
) -> None:
    """Set a new password and end all sessions; the access token remains valid until it expires."""
    await own.change_password(caller, payload, logins, resources_of(request)[Passwords], begin)
