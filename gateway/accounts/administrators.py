"""Every platform role keeps at least one active holder."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import any_, func, literal, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from gateway.accounts.errors import LastAdministrator
from gateway.accounts.models import Account
from gateway.roles import ADMINISTRATORS

_LOCK = 0x61646D696E  # "admin"


class RoleChange(NamedTuple):
    """An account and its new roles."""

    account: Account
    roles: frozenset[str]

    @property
    def gains(self) -> frozenset[str]:
        """Roles that are added."""
        return self.roles - {*self.account.roles}

    @property
    def loses(self) -> frozenset[str]:
        """Roles that are removed."""
        return frozenset(self.account.roles) - self.roles


async def require_holders_left(session: AsyncSession, changes: Sequence[RoleChange]) -> None:
    """Ensure that every platform role still has a holder after all these changes.

    Raises:
        LastAdministrator: a role would have no holder.
    """
    for role in sorted(ADMINISTRATORS):
        losing = [one.account for one in changes if role in one.loses]
        is_given = any(role in one.gains and one.account.status == "active" for one in changes)
        if losing and not await _has_others(session, role, losing) and not is_given:
            raise LastAdministrator(role=role)


async def require_other_holders(session: AsyncSession, account: Account, losing: set[str]) -> None:
    """Ensure that another account holds every platform role that `account` loses.

    Raises:
        LastAdministrator: a role would have no holder.
    """
    for role in sorted(ADMINISTRATORS & losing):
        if not await _has_others(session, role, [account]):
            raise LastAdministrator(role=role)


async def _has_others(session: AsyncSession, role: str, losing: Sequence[Account]) -> bool:
    """Whether any account holds the role, apart from those that lose it."""
    # Otherwise two administrators could remove each other at the same time.
    await session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    others = select(func.count()).where(
        literal(role) == any_(col(Account.roles)),
        Account.status == "active",
        col(Account.id).not_in([account.id for account in losing]),
    )
    return bool(await session.scalar(others))
