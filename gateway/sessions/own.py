"""Changes of people to their own accounts."""

import structlog
from pydantic_core import PydanticCustomError

from gateway.accounts.locking import lock_account
from gateway.accounts.rules import check_password
from gateway.accounts.sessions import end_sessions
from gateway.passwords import Passwords
from gateway.sessions.errors import LoginFailed, NoPassword
from gateway.sessions.login import Logins
from gateway.sessions.models import PasswordChange
from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Begin, raw

log = structlog.get_logger()


async def change_password(
    caller: Caller,
    change: PasswordChange,
    logins: Logins,
    passwords: Passwords,
    begin: Begin,
) -> None:
    """Set the caller's password and end all its sessions.

    Raises:
        NoPassword: the caller is a client.
        Invalid: the new password equals the user name.
        LoginFailed: the current password is wrong; it counts like a failed login.
    """
    if caller.kind != "account":
        raise NoPassword
    try:
        check_password(caller.name, change.new_password)
    except PydanticCustomError as error:
        context = error.context or {}
        message = Text(context["zh"], context["en"])
        raise Invalid([Fault("/new_password", error.type, message)]) from error
    account = await logins.authenticate(caller.name, change.current_password)
    hashed = await passwords.hash(change.new_password)
    async with begin() as session:
        connection = await raw(session)
        now = await lock_account(connection, account["id"])
        # The password was verified in a separate transaction, so that failures are counted.
        same = ("password_hash", "status")
        if now is None or any(now[name] != account[name] for name in same):
            raise LoginFailed
        await connection.execute(
            "update account set password_hash = $2, version = version + 1, updated_at = now() "
            "where id = $1",
            account["id"],
            hashed,
        )
        await end_sessions(connection, account["id"])
    log.info("password changed", actor=caller.subject)
