"""Rules and writes of accounts, which system administrators create, change and disable."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import structlog
from pydantic_core import PydanticCustomError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.accounts.administrators import require_other_holders
from gateway.accounts.errors import AdministratorProtected, OwnAccount, UsernameTaken
from gateway.accounts.models import Account, AccountCreate, AccountStatus
from gateway.accounts.queries import account_of
from gateway.accounts.rules import check_binding, check_password
from gateway.accounts.sessions import end_sessions
from gateway.roles import ADMINISTRATORS
from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import raw

log = structlog.get_logger()

_TAKEN = Text("用户名 {value} 已存在", "The user name {value} is taken")
_TWICE = Text("用户名 {value} 在本批中重复", "The user name {value} is repeated in this batch")
_BINDING = frozenset({"bureau_code", "schools", "staff_no"})


def require_distinct(names: Sequence[str]) -> None:
    """Refuse a batch that contains an account more than once.

    Raises:
        Invalid: lists the repetitions.
    """
    seen: Counter[str] = Counter()
    faults = []
    for position, name in enumerate(names):
        seen[name] += 1
        if seen[name] > 1:
            pointer = f"/items/{position}/username"
            faults.append(Fault(pointer, "username.duplicate", _TWICE, {"value": name}))
    if faults:
        raise Invalid(faults)


async def create_accounts(
    session: AsyncSession,
    caller: Caller,
    payloads: Sequence[AccountCreate],
    hashes: Sequence[str],
    pointer: str,
) -> None:
    """Insert all of `payloads`, with the hashes of their passwords, or none.

    Args:
        session: the transaction.
        caller: the creating administrator.
        payloads: accounts with distinct names.
        hashes: of their passwords, in order.
        pointer: JSON pointer to a name, with `{}` for its position.

    Raises:
        UsernameTaken: lists every name that is taken.
    """
    rows = [
        payload.model_dump(exclude={"password"}) | {"password_hash": hashed, "roles": []}
        for payload, hashed in zip(payloads, hashes, strict=True)
    ]
    statement = insert(Account).on_conflict_do_nothing(index_elements=["username"])
    created = await session.scalars(statement.values(rows).returning(col(Account.username)))
    made = set(created)
    taken = [
        Fault(pointer.format(position), "username.taken", _TAKEN, {"value": payload.username})
        for position, payload in enumerate(payloads)
        if payload.username not in made
    ]
    if taken:
        raise UsernameTaken(faults=taken, count=len(taken))
    log.info("accounts created", actor=caller.subject, count=len(made))


async def change_account(
    session: AsyncSession,
    caller: Caller,
    username: str,
    changes: dict[str, Any],
    password_hash: str | None,
) -> Account:
    """Change an account.

    A new password or binding removes the account's roles until a security administrator grants
    them again; otherwise a system administrator could act as anyone.

    Raises:
        AccountNotFound: there is no account with this name.
        OwnAccount: status or binding of the caller's own account.
        AdministratorProtected: password or binding of an administrator.
        LastAdministrator: a platform role would have no holder.
        Invalid: the result violates a rule.
    """
    account = await account_of(session, username)
    password = changes.pop("password", None)
    rebinds = any(changes.get(key, old) != old for key, old in _binding(account).items())
    disables = changes.get("status") == AccountStatus.DISABLED
    if (rebinds or disables or password) and account.username == caller.name:
        raise OwnAccount
    _check(account, changes, password)
    if rebinds or password:
        if ADMINISTRATORS & set(account.roles):
            raise AdministratorProtected
        account.roles = []
    if disables:
        await require_other_holders(session, account, set(account.roles))
    if rebinds or password or disables:
        await end_sessions(await raw(session), account.id)
    if changes.get("status") == AccountStatus.ACTIVE:
        account.failed_logins, account.locked_until = 0, None
    if password_hash:
        account.password_hash = password_hash
    account.sqlmodel_update(changes)
    await session.flush()
    fields = sorted({*changes, *(["password"] if password else [])})
    log.info("account changed", actor=caller.subject, account=str(account.id), fields=fields)
    return account


def _binding(account: Account) -> dict[str, Any]:
    return {key: getattr(account, key) for key in _BINDING}


def _check(account: Account, changes: dict[str, Any], password: str | None) -> None:
    after = _binding(account) | {key: changes[key] for key in _BINDING & changes.keys()}
    try:
        check_binding(after["bureau_code"], after["schools"], after["staff_no"])
        if password:
            check_password(account.username, password)
    except PydanticCustomError as error:
        context = error.context or {}
        field = "password" if error.type.startswith("password") else "bureau_code"
        message = Text(context["zh"], context["en"])
        raise Invalid([Fault(f"/{field}", error.type, message)]) from error
