"""What keeps the log goes on, whatever went wrong in one of its rounds."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest
import structlog
from structlog.testing import capture_logs

from services.chassis.audit.seal_check import verify
from services.chassis.core.resources import Resources
from services.chassis.database.db import Database
from services.chassis.runtime import maintenance
from services.chassis.runtime.maintenance import maintaining
from tests.changes.test_seals import write

# The seal after it has a number of more than eight bytes: a `struct.error`, which nobody foresees.
_NONE_AFTER = """
insert into schools.change_seal
    (seq, from_position, from_id, to_position, to_id, row_count, digests, names, hash)
values (9223372036854775807, 0, 0, 0, 0, 0, '', '{}', '')
"""
_LATEST = """
select max(inhrelid::regclass::text) from pg_inherits
where inhparent = 'schools.change_log'::regclass and inhrelid::regclass::text ~ '\\d$'
"""


async def until(holds: Callable[[], Awaitable[Any]]) -> None:
    """Wait for something that the keeper does."""
    async with asyncio.timeout(30):
        while not await holds():
            await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "_PERIOD_SECONDS", 0.02)
    monkeypatch.setattr(maintenance, "log", structlog.get_logger())


async def test_it_survives_what_nobody_foresees(
    database: Database, superuser: "asyncpg.Connection[Any]"
) -> None:
    await write(database, 100_001, 3)
    await superuser.execute(_NONE_AFTER)
    latest = await superuser.fetchval(_LATEST)
    await superuser.execute(f"drop table {latest}")

    async def is_made() -> Any:
        return await superuser.fetchval("select to_regclass($1)", latest)

    async def is_sealed() -> Any:
        return (await verify(database)).sealed_rows

    async def has_failed() -> bool:
        return any(entry["event"] == "duty not done" for entry in said)

    with capture_logs() as said:
        resources = Resources()
        resources.add(database)
        async with maintaining(resources, is_on=True):
            await until(is_made)
            await until(has_failed)  # not before others' transactions let it seal at all
            await superuser.execute("delete from schools.change_seal")
            await until(is_sealed)
    failed = [entry for entry in said if entry["event"] == "duty not done"]
    assert failed[0] == {
        "event": "duty not done",
        "log_level": "warning",
        "service": "schools",
        "duty": "seal",
        "cause": "error",
    }
    assert len({str(entry) for entry in failed}) == 1, "only what failed, and not in its own words"
    assert (await verify(database)).is_intact
