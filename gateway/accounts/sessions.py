"""The end of all sessions of an account, for whatever reason."""

from uuid import UUID

from services.chassis.database.db import Conn


async def end_sessions(connection: Conn, account_id: UUID) -> None:
    """End every session of a locked account; withdraw its stored responses and one-time links."""
    await connection.execute("delete from login_session where account_id = $1", account_id)
    await connection.execute("delete from one_time_link where account_id = $1", account_id)
