"""`python -m deploy.postgres.setup`: prepares a PostgreSQL server (16 or newer) for the platform.

Creates the database, the roles and schemas of `roles.sql`, and runs the migrations. It can be run
again, also twice at once: a second run waits for the first and changes nothing.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import asyncpg

from deploy.errors import SetupError
from deploy.postgres.scram import scram_verifier
from services.chassis.core.settings import read_secret

SERVICES = ("gateway", "schools", "appraisal", "accountability")
ROLES = Path(__file__).with_name("roles.sql")
OLDEST_VERSION = 160000
BUILTIN_LOCALE_VERSION = 170000
MAINTENANCE_DATABASE = "postgres"
CONNECT_SECONDS = 30.0
_LOCK = 0x6A756E68726F6C65  # "junhrole"


async def prepare(admin_url: str, passwords: Mapping[str, str]) -> None:
    """Create the database, roles and schemas, or bring them up to date.

    Args:
        admin_url: the platform's database, with the credentials of a superuser or of a role
            with CREATEROLE (and CREATEDB, if the database does not exist yet).
        passwords: the password of each service's login, by service.

    Raises:
        SetupError: the server cannot be used; contains the remedy.
    """
    database = unquote(urlsplit(admin_url).path.lstrip("/"))
    # Roles belong to the whole server, so the lock is taken in a database common to all runs.
    maintenance = await _connect(admin_url, MAINTENANCE_DATABASE)
    try:
        await _require_abilities(maintenance)
        await maintenance.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await _create_database(maintenance, database)
        await _create_roles(admin_url, database, passwords)
    except asyncpg.InsufficientPrivilegeError as error:
        raise SetupError(
            f"管理账户权限不足：{error}；请使用超级用户，或拥有该数据库且有 CREATEROLE 的账户",
            f"the administrator lacks privileges: {error}; use a superuser, or a role with "
            "CREATEROLE that owns the database",
        ) from error
    finally:
        await maintenance.close()


async def _connect(admin_url: str, database: str) -> "asyncpg.Connection[asyncpg.Record]":
    """Connect as the administrator, waiting some time for a server that is starting."""
    give_up = time.monotonic() + CONNECT_SECONDS
    address = urlsplit(admin_url).netloc.rpartition("@")[2]
    while True:
        try:
            return await asyncpg.connect(admin_url, database=database, timeout=CONNECT_SECONDS)
        except (OSError, asyncpg.CannotConnectNowError) as error:
            if time.monotonic() > give_up:
                raise SetupError(
                    f"无法连接 PostgreSQL（{address}）：{error}",
                    f"PostgreSQL does not respond at {address}: {error}",
                ) from error
            await asyncio.sleep(0.05)
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise SetupError(
                f"PostgreSQL（{address}）拒绝管理账户登录：{error}；数据目录与密钥目录必须成对保留",
                f"PostgreSQL at {address} refuses the administrator: {error}; keep data and "
                "secrets together",
            ) from error


async def _require_abilities(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    version = await connection.fetchval("SELECT current_setting('server_version_num')::int")
    if version < OLDEST_VERSION:
        raise SetupError(
            f"PostgreSQL 版本过低（{version // 10000}），需要 16 或更高版本",
            f"PostgreSQL {version // 10000} is too old: 16 or newer is required",
        )
    able = await connection.fetchval(
        "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    )
    if not able:
        raise SetupError(
            "管理账户不能创建角色；请使用超级用户或有 CREATEROLE 的账户",
            "the administrator cannot create roles: use a superuser or a role with CREATEROLE",
        )


async def _create_database(connection: "asyncpg.Connection[asyncpg.Record]", database: str) -> None:
    """Create the database if it is missing: UTF-8, the same text order on every system."""
    encoding = await connection.fetchval(
        "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = $1", database
    )
    if encoding is None:
        version = await connection.fetchval("SELECT current_setting('server_version_num')::int")
        locale = "LOCALE 'C'"
        if version >= BUILTIN_LOCALE_VERSION:
            locale += " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
        name = '"' + database.replace('"', '""') + '"'
        await connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {locale}"
        )
    elif encoding != "UTF8":
        raise SetupError(
            f"数据库 {database} 的编码是 {encoding}，需要 UTF8",
            f"the database {database} has the encoding {encoding}: UTF8 is required",
        )


async def _create_roles(admin_url: str, database: str, passwords: Mapping[str, str]) -> None:
    connection = await _connect(admin_url, database)
    try:
        async with connection.transaction():
            for service in SERVICES:
                await connection.execute(
                    "SELECT set_config($1, $2, true)",
                    f"junheng.{service}_password",
                    scram_verifier(passwords[service]),
                )
            await connection.execute(ROLES.read_text("utf-8"))
    finally:
        await connection.close()


def read_passwords() -> dict[str, str]:
    """The services' passwords from the secrets.

    Raises:
        SetupError: one is missing.
    """
    passwords = {service: read_secret(f"{service}_db_password") for service in SERVICES}
    missing = [f"junheng_{service}_db_password" for service in SERVICES if not passwords[service]]
    if missing:
        raise SetupError(
            f"缺少密钥：{'、'.join(missing)}", f"missing secrets: {', '.join(missing)}"
        )
    return {service: password for service, password in passwords.items() if password}


def administrator_url() -> str:
    """`JUNHENG_DATABASE_URL`; its password may be in the secret `postgres_password` instead.

    Raises:
        SetupError: it is not set.
    """
    url = os.environ.get("JUNHENG_DATABASE_URL", "")
    if not url.startswith(("postgresql://", "postgres://")):
        raise SetupError(
            "请设置 JUNHENG_DATABASE_URL=postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
            "set JUNHENG_DATABASE_URL=postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
        )
    parts = urlsplit(url)
    password = read_secret("postgres_password")
    if parts.password is None and parts.username and password:
        address = parts.netloc.rpartition("@")[2]
        parts = parts._replace(netloc=f"{parts.username}:{quote(password, safe='')}@{address}")
    return parts._replace(scheme="postgresql").geturl()


async def set_up(admin_url: str, passwords: Mapping[str, str]) -> None:
    """Prepare the server and migrate every service."""
    from services.chassis.runtime.migrate import migrate  # heavy: imported while the server starts

    await prepare(admin_url, passwords)
    await migrate(admin_url, list(SERVICES))


def _end_with_parent() -> None:
    """Exit when the supervisor dies; PostgreSQL rolls back unfinished work."""
    while os.read(0, 4096):
        continue
    os._exit(1)


def main() -> int:
    """Set up the server given by the environment."""
    if os.environ.get("JUNHENG_EXIT_ON_STDIN_EOF") == "1":
        threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        asyncio.run(set_up(administrator_url(), read_passwords()))
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        raise SystemExit(main())
