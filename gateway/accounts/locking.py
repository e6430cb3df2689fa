"""The lock order of accounts, clients and sessions.

1. The claim of an `Idempotency-Key`, if the request has one.
2. The rows of accounts, by user name; or the row of one client.
3. The advisory lock that guards the last administrator (`administrators.py`).
4. Sessions of a locked account; secrets of a locked client.

The row of an account is the lock of all its sessions: login, refresh, revocation and changes of
password, binding, status or roles hold it until they commit. So no two of them deadlock, and no
earlier operation continues after the end of a session. In the same way, the row of a client is the
lock of its secrets, also for token requests.

`FOR NO KEY UPDATE`: a plain `FOR UPDATE` also blocks foreign keys of inserted rows, and a sequence
of shared locks can keep a writer waiting.
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

    Read the client afterwards in a separate statement: a statement that has waited for a row sees
    the new version of that row, but an older state of everything else.
    """
    await connection.execute(_CLIENT, client_id)


def locked(statement: SelectOfScalar[Row]) -> SelectOfScalar[Row]:
    """The statement, extended to lock the account or client rows that it finds."""
    return statement.with_for_update(key_share=True)
