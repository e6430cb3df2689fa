"""Sessions in the database: begun, ended, and cleared away.

All but the clearing is done while the account's row is locked (`gateway/accounts/locking.py`).
"""

from datetime import timedelta
from uuid import UUID, uuid4

from gateway.sessions.refresh_tokens import hash_of, new_token
from services.chassis.database.db import Conn, Database

# Rows in one transaction of the clearing.
_AT_ONCE = 10_000
_FORGET_SESSIONS = f"""
delete from login_session where ctid = any(array(
    select ctid from login_session where expires_at < now()
    order by expires_at limit {_AT_ONCE} for update skip locked))
"""
_FORGET_ANSWERS = f"""
update login_session set answer = null where ctid = any(array(
    select ctid from login_session where answer is not null and rotated_at < now() - $1::interval
    order by rotated_at limit {_AT_ONCE} for update skip locked))
"""


async def begin_session(connection: Conn, account_id: UUID, hours: float) -> str:
    """Begin a session of a locked account; its first refresh token."""
    session_id = uuid4()
    token = new_token(session_id)
    await connection.execute(
        "insert into login_session (id, account_id, expires_at, token_hash) "
        "values ($1, $2, now() + $3::interval, $4)",
        session_id,
        account_id,
        timedelta(hours=hours),
        hash_of(token),
    )
    return token


async def end_session(connection: Conn, session_id: UUID) -> None:
    """End one session of a locked account, with the answer that it keeps."""
    await connection.execute("delete from login_session where id = $1", session_id)


async def forget_ended(database: Database, replay: timedelta) -> None:
    """Clear away sessions that are over, and answers that are given no more.

    Rows that somebody works with are left for the next time.

    Args:
        database: the gateway's.
        replay: for how long an answer is given again.
    """
    await _repeat(database, _FORGET_SESSIONS)
    await _repeat(database, _FORGET_ANSWERS, replay)


async def _repeat(database: Database, statement: str, *values: timedelta) -> None:
    count = _AT_ONCE
    while count == _AT_ONCE:
        async with database.connection(None) as connection:
            done = await connection.execute(statement, *values)
        count = int(done.rpartition(" ")[2])
