"""The platform never loses its last administrator of a kind."""

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
    """An account and the roles that it shall hold."""

    account: Account
    roles: frozenset[str]

    @property
    def gains(self) -> frozenset[str]:
        """What it does not hold yet."""
        return self.roles - {*self.account.roles}

    @property
    def loses(self) -> frozenset[str]:
        """What it holds no longer."""
        return frozenset(self.account.roles) - self.roles


async def require_holders_left(session: AsyncSession, changes: Sequence[RoleChange]) -> None:
    """Every platform role that is taken from somebody has a holder after all these changes.

    Raises:
        LastAdministrator: nobody would hold it.
    """
    for role in sorted(ADMINISTRATORS):
        losing = [one.account for one in changes if role in one.loses]
        is_given = any(role in one.gains and one.account.status == "active" for one in changes)
        if losing and not await _has_others(session, role, losing) and not is_given:
            raise LastAdministrator(role=role)


async def require_other_holders(session: AsyncSession, account: Account, losing: set[str]) -> None:
    """Someone else must hold every platform role that `account` is about to lose.

    Raises:
        LastAdministrator: nobody would.
    """
    for role in sorted(ADMINISTRATORS & losing):
        if not await _has_others(session, role, [account]):
            raise LastAdministrator(role=role)


async def _has_others(session: AsyncSession, role: str, losing: Sequence[Account]) -> bool:
    """Whether anybody but those who lose the role holds it."""
    # Two administrators removing each other at once would otherwise both succeed.
    await session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    others = select(func.count()).where(
        literal(role) == any_(col(Account.roles)),
        Account.status == "active",
        col(Account.id).not_in([account.id for account in losing]),
    )
    return bool(await session.scalar(others))
