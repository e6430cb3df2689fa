"""`python -m services.schools.rotate_keys`: re-encrypt every ID number under the current key.

The same work as `POST /v1/personal-data:rotate`, done by this process and watched; both may run
at once, and either may be interrupted at any time and started again.
"""

import asyncio
from contextlib import suppress

from services.chassis.core.logs import configure_logs
from services.chassis.core.settings import ServiceSettings
from services.chassis.database.db import Database
from services.chassis.database.encrypted_columns import KeyRing
from services.schools.id_numbers.identity import read_key_ring
from services.schools.personal_data import rotation
from services.schools.personal_data.key_use import read_keys

_PAUSE = 1.0


async def rotate(database: Database, keys: KeyRing) -> None:
    """Work until no row needs an old key, saying how far it has come."""
    async with database.connection(None) as connection:
        run = await rotation.begin(connection, keys, "rotate_keys")
    chunks = 0
    while (state := await rotation.rotate_chunk(database, keys, run)) != "completed":
        chunks += 1
        if chunks % 100 == 0:
            await _report(database, keys)
        if state == "stuck":
            await asyncio.sleep(_PAUSE)
    await _report(database, keys)


async def _report(database: Database, keys: KeyRing) -> None:
    async with database.connection(None) as connection:
        state = await read_keys(connection, keys)
    rows = ", ".join(f"{use.key}: {use.rows}" for use in state.keys)
    with suppress(OSError, ValueError):  # nobody reads it any more: the work goes on
        print(f"行数/rows per key: {rows}", flush=True)


async def main() -> None:
    """Rotate in this process."""
    configure_logs("rotate-keys")
    database = Database("schools", ServiceSettings.for_service("schools"))
    await database.open()
    try:
        await rotate(database, read_key_ring())
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
