"""First start: creates the signing key, three administrators, and the services' clients."""

import stamina
import structlog

from gateway.clients.service import secret_hash
from gateway.keys.store import SigningKeys
from gateway.passwords import Passwords
from gateway.roles import SERVICE_SCOPES, Role
from gateway.settings import GatewaySettings
from services.chassis.database.db import Conn, Database
from services.chassis.queue.transient_errors import is_outage

log = structlog.get_logger()

_FIRST_ACCOUNTS = {
    "sysadmin": (Role.SYSTEM_ADMIN, "系统管理员"),
    "secadmin": (Role.SECURITY_ADMIN, "安全管理员"),
    "auditor": (Role.AUDITOR, "审计员"),
}


async def bootstrap(
    database: Database, settings: GatewaySettings, keys: SigningKeys, passwords: Passwords
) -> None:
    """Create missing records; waits for a database that is starting, unreachable or full.

    Several gateways may start at once: the lock of the signing keys admits one at a time.
    """
    async for attempt in stamina.retry_context(on=is_outage, attempts=None, timeout=60, wait_max=1):
        with attempt:
            async with database.connection(None) as connection:
                await keys.ensure(connection)
                await _create_administrators(connection, settings, passwords)
                await _create_service_clients(connection, settings)
    await keys.current()


async def _create_administrators(
    connection: Conn, settings: GatewaySettings, passwords: Passwords
) -> None:
    if await connection.fetchval("select exists (select from account)"):
        return
    password = settings.bootstrap_password.get_secret_value()
    for username, (role, title) in _FIRST_ACCOUNTS.items():
        await connection.execute(
            "insert into account (username, display_name, password_hash, roles) "
            "values ($1, $2, $3, $4)",
            username,
            title,
            await passwords.hash(password),
            [role.value],
        )
    log.info("first accounts created", accounts=list(_FIRST_ACCOUNTS))


async def _create_service_clients(connection: Conn, settings: GatewaySettings) -> None:
    """Set the secret of each service's client to the one in its file."""
    for client_id, secret in settings.service_client_secrets.items():
        row = await connection.fetchval(
            "insert into client (client_id, name, scopes, is_service) values ($1, $1, $2, true) "
            "on conflict (client_id) do update set scopes = excluded.scopes returning id",
            client_id,
            sorted(SERVICE_SCOPES[client_id]),
        )
        hashed = secret_hash(secret.get_secret_value())
        gone = await connection.execute(
            "delete from client_secret where client_row = $1 and secret_hash <> $2", row, hashed
        )
        await connection.execute(
            "insert into client_secret (client_row, secret_hash, hint) select $1, $2, '****' "
            "where not exists (select from client_secret where client_row = $1)",
            row,
            hashed,
        )
        if gone != "DELETE 0":
            log.info("service secret changed", client=client_id)
