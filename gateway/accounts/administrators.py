"""The platform never loses its last administrator of a kind."""

from sqlalchemy import any_, func, literal, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from gateway.accounts.errors import LastAdministrator
from gateway.accounts.models import Account
from gateway.roles import ADMINISTRATORS

_LOCK = 0x61646D696E  # "admin"


async def require_other_holders(session: AsyncSession, account: Account, losing: set[str]) -> None:
    """Someone else must hold every platform role that `account` is about to lose.

    Raises:
        LastAdministrator: nobody would.
    """
    for role in sorted(ADMINISTRATORS & losing):
        # Two administrators removing each other at once would otherwise both succeed.
        await session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        others = select(func.count()).where(
            literal(role) == any_(col(Account.roles)),
            Account.status == "active",
            Account.id != account.id,
        )
        if not await session.scalar(others):
            raise LastAdministrator(role=role)
