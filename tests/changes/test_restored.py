"""A dump that was restored on another server, whose transaction ids begin anew."""

from typing import Any

import pytest

from services.chassis.audit.change_poller import WATERMARK
from services.chassis.audit.seal_check import verify
from services.chassis.database.db import Database
from services.chassis.runtime.migrate import migrate
from tests.changes.test_seals import seal_all, write

_AHEAD = 1_000_000
_BASE = "select base from schools.change_base"
_PLACES = "select position from schools.change_log order by position, id"


async def watermark(database: Database) -> int:
    """Where the feed and the seals end: a cursor that is given now stands just before it."""
    async with database.connection(None) as connection:
        found: int = await connection.fetchval(WATERMARK)
    return found


@pytest.fixture
async def restored(database: Database, superuser: Any) -> int:
    """The end of a log from a server that had counted further; what it sealed, and a rest."""
    await superuser.execute(f"update schools.change_base set base = {_AHEAD}")
    await write(database, 100_001, 5)
    assert await seal_all(database, superuser) == 5
    await write(database, 100_006, 2)
    # Not the watermark: transactions of others on this server hold it back.
    end: int = await superuser.fetchval("select max(position) + 1 from schools.change_log")
    await superuser.execute("update schools.change_base set base = 0")
    return end


async def test_the_log_goes_on_after_what_was_restored(
    database: Database, superuser: Any, restored: int, url: str
) -> None:
    assert await watermark(database) < _AHEAD
    await migrate(url, ["schools"])
    assert await watermark(database) > restored
    await write(database, 100_008, 3)
    places = [row["position"] for row in await superuser.fetch(_PLACES)]
    assert max(places[:7]) < restored < min(places[7:])
    assert await seal_all(database, superuser) == 5
    found = await verify(database)
    assert (found.is_intact, found.sealed_rows) == (True, 10)


async def test_setting_up_again_moves_nothing(
    database: Database, superuser: Any, restored: int, url: str
) -> None:
    await migrate(url, ["schools"])
    base = await superuser.fetchval(_BASE)
    assert base > restored
    await migrate(url, ["schools"])
    await write(database, 100_008, 3)
    await migrate(url, ["schools"])
    assert await superuser.fetchval(_BASE) == base


async def test_a_server_that_was_never_restored_has_no_base(
    database: Database, superuser: Any, url: str
) -> None:
    await write(database, 100_001, 3)
    await migrate(url, ["schools"])
    assert await superuser.fetchval(_BASE) == 0
