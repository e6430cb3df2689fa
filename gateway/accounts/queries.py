"""List and lookup of accounts."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from gateway.accounts.errors import AccountNotFound
from gateway.accounts.locking import locked
from gateway.accounts.models import Account, AccountRead
from services.chassis.database.levels import OWN_NAME
from services.chassis.http.preconditions import require_match
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_rules import EVERY_BUREAU, Matching
from services.chassis.lists.row_scopes import RowScope
from services.chassis.lists.search import TextSearch

_OWN = Matching(OWN_NAME, "username", is_of_bureau=False)
ACCOUNT_ROWS = RowScope(
    "account", {"platform": EVERY_BUREAU, "bureau": _OWN, "schools": _OWN, "person": _OWN}
)

ACCOUNTS = Listing(
    "accounts",
    AccountRead,
    "account",
    ACCOUNT_ROWS.only("platform"),
    search=TextSearch(("username", "display_name")),
    sorts=("username", "display_name", "created_at", "updated_at"),
    missing=AccountNotFound,
    shows_more=True,
)


async def account_of(session: AsyncSession, username: str) -> Account:
    """The account in the version that the request expects, locked for a change.

    Raises:
        AccountNotFound: there is no account with this name.
        RowChanged: its version differs from `If-Match`.
    """
    statement = locked(select(Account).where(Account.username == username.lower()))
    account = (await session.execute(statement)).scalar_one_or_none()
    if account is None:
        raise AccountNotFound(key=username)
    require_match(account.version)
    return account


async def accounts_of(session: AsyncSession, usernames: list[str]) -> dict[str, Account]:
    """The accounts by name, locked in a fixed order so that two batches never deadlock."""
    found = select(Account).where(col(Account.username).in_(usernames))
    statement = locked(found.order_by(Account.username))
    return {account.username: account for account in (await session.execute(statement)).scalars()}
