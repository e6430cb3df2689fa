"""`python -m deploy.local.revision SERVICE "TITLE"`: writes the missing migration.

Compares the models of a service with a freshly migrated temporary database.
"""

import asyncio
import secrets
import sys

from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.local.secrets import SERVICES
from deploy.local.throwaway import throwaway_postgres
from deploy.postgres.setup import set_up
from services.chassis.runtime.migrate import create_revision


async def revise(url: str, service: str, message: str) -> None:
    """Write a migration of `service` into its folder `migrations/versions`."""
    await set_up(url, {name: secrets.token_hex(16) for name in SERVICES})

    def write(connection: Connection) -> None:
        create_revision(service, message, connection)

    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        poolclass=pool.NullPool,
        # If it contained the service's schema, every table would look new.
        connect_args={"server_settings": {"search_path": "public"}},
    )
    async with engine.begin() as connection:
        await connection.execute(text(f'set local role "junheng_{service}_owner"'))
        await connection.run_sync(write)
    await engine.dispose()


def main() -> None:
    """Write the migration given on the command line."""
    if len(sys.argv) != 3 or sys.argv[1] not in SERVICES:
        raise SystemExit(f"usage: python -m deploy.local.revision {'|'.join(SERVICES)} MESSAGE")
    with throwaway_postgres() as server:
        asyncio.run(revise(server.url("junheng"), *sys.argv[1:]))


if __name__ == "__main__":
    main()
