"""Keys that the stored ID numbers need, and their presence in the key ring."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import structlog

from services.chassis.core.errors import AppError
from services.chassis.core.resources import Resources
from services.chassis.database.db import Conn, Database
from services.chassis.database.encrypted_columns import ERASED_KEY, KeyRing
from services.schools.personal_data.schemas import KeysRead, KeyUse, RotationRead

log = structlog.get_logger()

_TABLES = ("staff", "id_number_report")
# Jumps from key to key through the index, however many rows there are.
_IN_USE = """
with recursive used (key) as (
    select min(id_number_key) from {table}
    union all
    select (select min(id_number_key) from {table} where id_number_key > used.key)
    from used where used.key is not null
)
select key from used where key is not null and key <> $1
"""
_COUNTED = """
select key, count(*) as rows from (
    select id_number_key as key from staff union all
    select id_number_key from id_number_report) numbers
where key <> $1 group by 1
"""


async def keys_in_use(connection: Conn) -> list[str]:
    """The names of all keys that some row needs."""
    found: set[str] = set()
    for table in _TABLES:
        rows = await connection.fetch(_IN_USE.format(table=table), ERASED_KEY)
        found |= {row["key"] for row in rows}
    return sorted(found)


async def read_keys(connection: Conn, keys: KeyRing) -> KeysRead:
    """Rows per key, and the latest rotation; `connection` acts as the service itself."""
    counted = await connection.fetch(_COUNTED, ERASED_KEY)
    rows = dict.fromkeys(keys.keys, 0) | {row["key"]: row["rows"] for row in counted}
    latest = await connection.fetchrow("select * from key_rotation order by id desc limit 1")
    return KeysRead(
        keys=[
            KeyUse(
                key=name,
                rows=rows[name],
                is_current=name == keys.current,
                is_in_ring=name in keys.keys,
            )
            for name in sorted(rows)
        ],
        rotation=RotationRead(**dict(latest)) if latest else None,
    )


@asynccontextmanager
async def require_all_keys(resources: Resources) -> AsyncIterator[None]:
    """Run only with every key that is in use.

    Raises:
        RuntimeError: the ring lacks one, and its ID numbers would be unreadable.
    """
    missing: list[str] = []
    try:
        async with resources[Database].connection(None) as connection:
            missing = sorted(set(await keys_in_use(connection)) - resources[KeyRing].keys.keys())
    except (OSError, asyncpg.PostgresError, AppError) as error:
        log.warning("keys for personal data not checked: no database", error=repr(error))
    if missing:
        raise RuntimeError(
            f"the secret pii_keys lacks {', '.join(missing)}, which stored ID numbers still need: "
            "put it back, rotate, then remove it (docs/operations.md, Rotating the keys)"
        )
    yield
