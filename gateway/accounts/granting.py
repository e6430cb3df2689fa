"""Granting of roles by security administrators, and rules about role combinations."""

from collections.abc import Sequence
from typing import Annotated

import orjson
import structlog
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.accounts.administrators import RoleChange, require_holders_left
from gateway.accounts.errors import OwnAccount
from gateway.accounts.models import MAX_BATCH, Account, Username
from gateway.accounts.queries import account_of, accounts_of
from gateway.roles import ADMINISTRATORS, ROLES, Level, Role
from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import raw
from services.chassis.schemas.strict_bodies import FROM_JSON, Body

log = structlog.get_logger()

_NEED_SCHOOLS = frozenset({Role.SCHOOL_HEAD, Role.SCHOOL_OFFICER})
# Their work concerns all schools; limited to some schools, it would be incomplete.
_NEED_WHOLE_BUREAU = frozenset({Role.BUREAU_ADMIN, Role.BUREAU_LEADER})

_TEXTS = {
    "account.unknown": Text("没有账号 {username}", "There is no account {username}"),
    "roles.for_clients": Text("角色 {role} 只能用于接口", "Role {role} is only for API clients"),
    "roles.administrators_apart": Text(
        "系统管理员、安全管理员、审计员不能由同一账号担任",
        "One account cannot hold two of the three administrator roles",
    ),
    "roles.needs_no_bureau": Text(
        "平台角色 {role} 不能授予教育局的账号", "Role {role} is only for accounts without a bureau"
    ),
    "roles.needs_bureau": Text(
        "角色 {role} 只能授予有行政区划代码的账号", "Role {role} is only for accounts with a bureau"
    ),
    "roles.needs_staff_no": Text(
        "角色 {role} 要求账号有工号", "Role {role} requires a staff number"
    ),
    "roles.needs_schools": Text("角色 {role} 要求账号限定学校", "Role {role} requires schools"),
    "roles.needs_whole_bureau": Text(
        "角色 {role} 不能授予限定学校的账号", "Role {role} is not for accounts limited to schools"
    ),
}


GrantedRole = Annotated[Role, FROM_JSON]


class RolesPut(Body):
    """The complete list of an account's roles (授予角色)."""

    roles: list[GrantedRole] = Field(
        max_length=len(Role),
        title="角色",
        examples=[["school_officer"]],
        description="Roles of the account (角色)",
    )


class RoleGrant(RolesPut):
    """The complete list of roles of one account in a batch."""

    username: Username = Field(
        title="用户名",
        examples=["li.na"],
        description="Name with which the person logs in (用户名)",
    )


class GrantBatch(Body):
    """Roles for several accounts, granted all or none (批量授权)."""

    items: list[RoleGrant] = Field(
        min_length=1, max_length=MAX_BATCH, description="Accounts and their roles (账号与角色)"
    )


class BatchGranted(BaseModel):
    """The result of a batch (批量结果)."""

    granted: int = Field(
        description="Number of accounts that now hold exactly these roles", examples=[84]
    )


async def grant_roles(
    session: AsyncSession, caller: Caller, grants: Sequence[RoleGrant], pointer: str
) -> dict[str, Account]:
    """Set the roles of each account to exactly the given ones, or change nothing.

    Args:
        session: the transaction.
        caller: the granting administrator.
        grants: distinct accounts and their roles.
        pointer: JSON pointer to one grant, with `{}` for its position.

    Raises:
        OwnAccount: one of the accounts is the caller's own.
        Invalid: unknown accounts, or roles that do not fit an account or each other.
        LastAdministrator: a platform role would have no holder.
    """
    if any(grant.username == caller.name for grant in grants):
        raise OwnAccount
    accounts = await accounts_of(session, [grant.username for grant in grants])
    faults = []
    for position, grant in enumerate(grants):
        at, account = pointer.format(position), accounts.get(grant.username)
        if account is None:
            params = {"username": grant.username}
            faults.append(
                Fault(f"{at}/username", "account.unknown", _TEXTS["account.unknown"], params)
            )
        else:
            faults += [
                Fault(f"{at}/roles", code, _TEXTS[code], {"role": role})
                for code, role in broken_rules(account, set(grant.roles))
            ]
    if faults:
        raise Invalid(faults)
    changes = [
        RoleChange(accounts[grant.username], frozenset(role.value for role in grant.roles))
        for grant in grants
    ]
    await _apply(session, caller, [one for one in changes if one.gains or one.loses])
    return accounts


async def put_roles(
    session: AsyncSession, caller: Caller, username: str, roles: Sequence[Role]
) -> Account:
    """Set the roles of one account to exactly `roles`.

    Raises:
        AccountNotFound: there is no account with this name.
        OwnAccount: it is the caller's own.
        Invalid: the roles do not fit the account or each other.
        LastAdministrator: a platform role would have no holder.
    """
    account = await account_of(session, username)
    grant = RoleGrant(username=account.username, roles=list(roles))
    await grant_roles(session, caller, [grant], "")
    return account


async def _apply(session: AsyncSession, caller: Caller, changes: Sequence[RoleChange]) -> None:
    """Write the roles of all accounts in one statement."""
    await require_holders_left(session, changes)
    rows = [{"id": str(one.account.id), "roles": sorted(one.roles)} for one in changes]
    await (await raw(session)).execute(_WRITE, orjson.dumps(rows).decode())
    for one in changes:
        account, roles = str(one.account.id), sorted(one.roles)
        log.info("roles granted", actor=caller.subject, account=account, roles=roles)


_WRITE = """
update account set roles = new.roles, version = version + 1, updated_at = now()
from json_to_recordset($1::text::json) as new (id uuid, roles text[]) where account.id = new.id
"""


def broken_rules(account: Account, roles: set[Role]) -> list[tuple[str, str]]:
    """Codes of the rules that `roles` would violate for this account, each with the role."""
    broken = [("roles.administrators_apart", "")] if len(roles & ADMINISTRATORS) > 1 else []
    codes = {role: _broken_by(account, role) for role in sorted(roles)}
    return broken + [(code, role.value) for role, code in codes.items() if code]


def _broken_by(account: Account, role: Role) -> str | None:
    level = ROLES[role].level
    if level is Level.CLIENT:
        return "roles.for_clients"
    if level is Level.PLATFORM:
        return "roles.needs_no_bureau" if account.bureau_code else None
    if account.bureau_code is None:
        return "roles.needs_bureau"
    if role is Role.STAFF and not account.staff_no:
        return "roles.needs_staff_no"
    if role in _NEED_SCHOOLS and not account.schools:
        return "roles.needs_schools"
    if role in _NEED_WHOLE_BUREAU and account.schools:
        return "roles.needs_whole_bureau"
    return None
