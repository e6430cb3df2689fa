"""Routes of accounts and roles."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from gateway.accounts import granting, service
from gateway.accounts.errors import (
    AccountNotFound,
    AdministratorProtected,
    LastAdministrator,
    OwnAccount,
    UsernameTaken,
)
from gateway.accounts.granting import BatchGranted, GrantBatch, RolesPut
from gateway.accounts.models import (
    AccountBatch,
    AccountCreate,
    AccountPatch,
    AccountRead,
    BatchCreated,
)
from gateway.accounts.queries import ACCOUNTS
from gateway.accounts.scopes import AccountScope
from gateway.passwords import Passwords
from gateway.roles import ROLES, Level, Role
from services.chassis.core.errors import documents
from services.chassis.core.resources import resource
from services.chassis.core.tags import Tag
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller, allow
from services.chassis.database.db import Begin, Connection, Session, raw
from services.chassis.exports.answers import Lists, query_of
from services.chassis.lists.listing import PageParams
from services.chassis.lists.writing import written

TAG = Tag("accounts", Text("账号", "Accounts, roles and passwords"))
router = APIRouter(tags=[TAG])

CanRead = Annotated[Caller, allow(AccountScope.READ)]
CanWrite = Annotated[Caller, allow(AccountScope.WRITE)]
CanGrant = Annotated[Caller, allow(AccountScope.GRANT_ROLES)]


ThePasswords = Annotated[Passwords, resource(Passwords)]


class RoleRead(BaseModel):
    """A role and its scopes (角色)."""

    role: Role = Field(description="Code (代码)", examples=["school_head"])
    title_zh: str = Field(description="Chinese name", examples=["校长"])
    title_en: str = Field(description="English name", examples=["Head of school"])
    level: Level = Field(
        description="`bureau` and `platform` for accounts, `client` for API clients",
        examples=["bureau"],
    )
    scopes: list[str] = Field(
        description="Scopes of the role (权限)", examples=[["schools:read", "staff:read"]]
    )


@router.get("/v1/roles", summary="List roles (角色)")
async def list_roles(_caller: CanRead) -> list[RoleRead]:
    """All roles that can be granted, each with its scopes."""
    return [
        RoleRead(
            role=role,
            title_zh=spec.title.zh,
            title_en=spec.title.en,
            level=spec.level,
            scopes=sorted(spec.scopes),
        )
        for role, spec in ROLES.items()
    ]


@router.get("/v1/accounts", summary="List accounts (账号列表)", response_model=ACCOUNTS.page_schema)
async def list_accounts(
    params: Annotated[PageParams, query_of(ACCOUNTS)], caller: CanRead, lists: Lists
) -> Response:
    """All accounts with their roles. Passwords and their hashes are never returned."""
    return await lists.answer(ACCOUNTS, caller, params)


@router.post(
    "/v1/accounts",
    summary="Create an account (新建账号)",
    status_code=201,
    response_model=AccountRead,
    responses=documents(UsernameTaken),
)
async def create_account(
    payload: AccountCreate, caller: CanWrite, begin: Begin, passwords: ThePasswords
) -> Response:
    """Create an account; a security administrator then grants its roles."""
    hashes = [await passwords.hash(payload.password)]
    async with begin() as session:
        await service.create_accounts(session, caller, [payload], hashes, "/username")
        connection = await raw(session)
        response = await ACCOUNTS.one(connection, caller, "username = {}", payload.username)
    response.status_code = 201
    return response


@router.post(
    "/v1/accounts:batch",
    summary="Create several accounts (批量新建账号)",
    status_code=201,
    responses=documents(UsernameTaken),
)
async def create_accounts(
    payload: AccountBatch, caller: CanWrite, begin: Begin, passwords: ThePasswords
) -> BatchCreated:
    """Create up to 1000 accounts, all or none; about 70 passwords are hashed per second."""
    items = payload.items
    service.require_distinct([item.username for item in items])
    hashes = await passwords.hash_all([item.password for item in items])
    async with begin() as session:
        await service.create_accounts(session, caller, items, hashes, "/items/{}/username")
    return BatchCreated(created=len(items))


@router.post(
    "/v1/accounts:grant",
    summary="Grant roles to several accounts (批量授予角色)",
    responses=documents(OwnAccount, LastAdministrator),
)
async def grant_roles(payload: GrantBatch, caller: CanGrant, session: Session) -> BatchGranted:
    """Set the roles of each account to exactly the given ones, all or none."""
    service.require_distinct([item.username for item in payload.items])
    await granting.grant_roles(session, caller, payload.items, "/items/{}")
    return BatchGranted(granted=len(payload.items))


@router.get(
    "/v1/accounts/{username}",
    summary="Read an account (账号)",
    response_model=AccountRead,
    responses=documents(AccountNotFound),
)
async def read_account(username: str, caller: CanRead, connection: Connection) -> Response:
    """One account by its name."""
    return await ACCOUNTS.one(connection, caller, "username = {}", username.lower())


@router.patch(
    "/v1/accounts/{username}",
    summary="Change or disable an account (修改账号)",
    response_model=AccountRead,
    responses=documents(AccountNotFound, OwnAccount, AdministratorProtected, LastAdministrator),
)
async def patch_account(
    username: str,
    payload: AccountPatch,
    caller: CanWrite,
    begin: Begin,
    passwords: ThePasswords,
) -> Response:
    """Change an account (merge patch).

    A new password, bureau, school or staff number removes its roles. A security
    administrator then grants them again, so that nobody alone can act as another person.
    """
    hashed = await passwords.hash(payload.password) if payload.password else None
    async with begin() as session:
        account = await service.change_account(session, caller, username, payload.changes(), hashed)
        return await written(ACCOUNTS, session, caller, account.id)


@router.put(
    "/v1/accounts/{username}/roles",
    summary="Grant roles (授予角色)",
    response_model=AccountRead,
    responses=documents(AccountNotFound, OwnAccount, LastAdministrator),
)
async def put_roles(
    username: str, payload: RolesPut, caller: CanGrant, session: Session
) -> Response:
    """Set the roles of the account to exactly the given ones; an empty list removes all."""
    account = await granting.put_roles(session, caller, username, payload.roles)
    return await written(ACCOUNTS, session, caller, account.id)
