"""One's own account: who the caller is, and the change of the password."""

import structlog
from pydantic_core import PydanticCustomError

from gateway.accounts.locking import lock_account
from gateway.accounts.rules import check_password
from gateway.accounts.sessions import end_sessions
from gateway.passwords import Passwords
from gateway.roles import ROLES, Role
from gateway.sessions.errors import LoginFailed, NoPassword
from gateway.sessions.login import Logins
from gateway.sessions.models import MeRead, PasswordChange, RoleTitle
from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Begin, Database, raw

log = structlog.get_logger()


async def identity(caller: Caller, database: Database) -> MeRead:
    """The caller as its token has it, with the name and the titles of the roles."""
    async with database.connection(None) as connection:
        display_name = await connection.fetchval(
            "select display_name from account where username = $1 and id::text = $2",
            caller.name,
            caller.subject,
        )
    roles = sorted(caller.roles)
    titles = {role: ROLES[Role(role)].title for role in roles}
    return MeRead(
        subject=caller.subject,
        kind=caller.kind,
        name=caller.name,
        display_name=display_name,
        bureau=caller.bureau,
        schools=list(caller.schools),
        staff_no=caller.staff_no,
        roles=roles,
        role_titles=[
            RoleTitle(role=role, title_zh=title.zh, title_en=title.en)
            for role, title in titles.items()
        ],
        scopes=sorted(caller.scopes),
    )


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
