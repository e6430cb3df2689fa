"""Retention of the change log: partitions are created ahead of time and dropped as a whole."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from services.chassis.database.db import Conn, Database

_MONTHS_AHEAD = 3
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime.fromtimestamp(0, UTC)


async def make_partitions(database: Database) -> None:
    """Have partitions for this month and the next ones."""
    async with database.connection(None) as connection:
        await connection.execute("select make_change_partitions($1)", _MONTHS_AHEAD)


async def drop_partitions(database: Database) -> int:
    """Drop the months beyond the retention setting; returns the number of non-empty ones.

    What was dropped is recorded and signed: a cursor from before it is answered with 410, and
    the entries' seals do not count as broken.
    """
    key = database.settings.audit_key_bytes
    async with database.connection(None) as connection:
        dropped = await connection.fetch(
            "select * from drop_change_partitions($1)", database.settings.change_log_months
        )
        for floor in dropped:
            await connection.execute(
                "insert into change_floor (before, position, id, signature) "
                "values ($1, $2, $3, $4)",
                *floor,
                _signature(key, floor["before"]),
            )
    return len(dropped)


async def dropped_before(connection: Conn, key: bytes) -> int:
    """Up to when entries have been dropped, in microseconds; only signed records count."""
    floors = await connection.fetch("select before, signature from change_floor")
    signed = [
        _microseconds(floor["before"])
        for floor in floors
        if hmac.compare_digest(floor["signature"], _signature(key, floor["before"]))
    ]
    return max(signed, default=0)


def _signature(key: bytes, before: datetime) -> bytes:
    return hmac.digest(key, f"dropped|{_microseconds(before)}".encode(), hashlib.sha256)


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
