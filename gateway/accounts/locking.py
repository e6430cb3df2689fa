"""The order in which locks on identities are taken, and how.

1. The claim of an `Idempotency-Key`, when the request has one.
2. The rows of accounts, by user name; or the row of one client.
3. The advisory lock that guards the last administrator (`administrators.py`).
4. Sessions of a locked account; secrets of a locked client.

An account's row is the lock of all its sessions: login, refresh, revocation, a change of password,
binding, status or roles hold it until they commit. So two of them never wait for each other, and
after the end of a session nothing can go on that was begun before. A client's row is the lock of
its secrets in the same way, for token requests too.

`FOR NO KEY UPDATE`: a plain `FOR UPDATE` also blocks the foreign keys of rows that are inserted,
and shared locks can keep a writer waiting for as long as new ones arrive.
"""

from typing import Any, TypeVar

from sqlmodel.sql.expression import SelectOfScalar

from services.chassis.database.db import Conn

Row = TypeVar("Row")
_BY_ID = "select * from account where id = $1 for no key update"
_BY_NAME = "select * from account where username = $1 for no key update"
_CLIENT = "select from client where client_id = $1 for no key update"


async def lock_account(connection: Conn, account_id: Any) -> Any:
    """The row of an account, locked; None if there is none."""
    return await connection.fetchrow(_BY_ID, account_id)


async def lock_account_named(connection: Conn, username: str) -> Any:
    """The row of the account with this user name, locked; None if there is none."""
    return await connection.fetchrow(_BY_NAME, username)


async def lock_client(connection: Conn, client_id: str) -> None:
    """Lock the row of a client.

    Read the client in a statement of its own afterwards: a statement that has waited for a row
    sees that row as it is now, and everything else as it was before.
    """
    await connection.execute(_CLIENT, client_id)


def locked(statement: SelectOfScalar[Row]) -> SelectOfScalar[Row]:
    """The same selection, which locks the rows of accounts or of a client that it finds."""
    return statement.with_for_update(key_share=True)
