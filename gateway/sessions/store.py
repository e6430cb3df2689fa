"""Stored sessions: creation, end and deletion.

All but the deletion requires the lock of the account's row (`gateway/accounts/locking.py`).
"""

from datetime import timedelta
from uuid import UUID, uuid4

from gateway.sessions.refresh_tokens import hash_of, new_token
from services.chassis.database.db import Conn, Database

# Rows deleted in one transaction.
_AT_ONCE = 10_000
_DELETE_SESSIONS = f"""
delete from login_session where ctid = any(array(
    select ctid from login_session where expires_at < now()
    order by expires_at limit {_AT_ONCE} for update skip locked))
"""
_WITHDRAW_LINKS = """
delete from one_time_link using login_session s where s.id = $1
    and one_time_link.account_id = s.account_id
"""
_DELETE_ANSWERS = f"""
update login_session set answer = null where ctid = any(array(
    select ctid from login_session where answer is not null and rotated_at < now() - $1::interval
    order by rotated_at limit {_AT_ONCE} for update skip locked))
"""


async def begin_session(connection: Conn, account_id: UUID, hours: float) -> str:
    """Begin a session of a locked account; returns its first refresh token."""
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
    """End one session of a locked account; withdraw its stored response and one-time links.

    The links are those of all sessions of the account: they live a minute, and can be made again.
    """
    await connection.execute(_WITHDRAW_LINKS, session_id)
    await connection.execute("delete from login_session where id = $1", session_id)


async def delete_expired(database: Database, replay: timedelta) -> None:
    """Delete expired sessions and stored responses that have expired.

    Locked rows are left for the next run.

    Args:
        database: the gateway's.
        replay: how long a response is repeated.
    """
    await _repeat(database, _DELETE_SESSIONS)
    await _repeat(database, _DELETE_ANSWERS, replay)


async def _repeat(database: Database, statement: str, *values: timedelta) -> None:
    count = _AT_ONCE
    while count == _AT_ONCE:
        async with database.connection(None) as connection:
            done = await connection.execute(statement, *values)
        count = int(done.rpartition(" ")[2])
