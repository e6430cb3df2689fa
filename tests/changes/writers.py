"""Connections that write as the service does, each at its own pace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from services.chassis.core.settings import ServiceSettings, service_dsn
from services.chassis.database.db import SET_CONTEXT
from services.chassis.lists.pinyin.names import keys_of


@asynccontextmanager
async def logged_in(
    service: str = "schools",
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of the service's own login."""
    settings = ServiceSettings.for_service(service)
    dsn = service_dsn(
        settings.database_url, f"junheng_{service}", settings.db_password.get_secret_value()
    )
    connection = await asyncpg.connect(dsn, server_settings={"search_path": service})
    try:
        yield connection
    finally:
        await connection.close()


async def act_for(
    connection: "asyncpg.Connection[asyncpg.Record]", bureau: str, level: str = "bureau"
) -> None:
    """Take on the context of a bureau's administrator, until the transaction ends."""
    statement = SET_CONTEXT.format(*(f"${number}" for number in range(1, 10)))
    role = f"junheng_schools_{level}"
    await connection.execute(statement, role, bureau, "", "", "writer", "s", "account", "r-1", "")


async def add_school(
    connection: "asyncpg.Connection[asyncpg.Record]", bureau: str, number: int, name: str = "一小"
) -> None:
    """Insert a school under a number."""
    await connection.execute(
        "insert into school (bureau_code, school_code, name, name_pinyin, name_initials, "
        "school_type, area_type, status) values ($1, $2, $3, $4, $5, '211', '121', 'active')",
        bureau,
        code(bureau, number),
        name,
        *keys_of(name),
    )


def code(bureau: str, number: int) -> str:
    """The school code of a number."""
    return f"21{bureau}{number:02}"
