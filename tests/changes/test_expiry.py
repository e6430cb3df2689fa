"""A cursor from before what has been dropped is gone, and says so."""

import asyncpg

from services.chassis.audit.retention import drop_partitions
from services.chassis.database.db import Database
from services.schools.main import app
from tests.changes.copying import Copy
from tests.changes.test_feed import ok
from tests.changes.writers import code
from tests.schools.county import school


async def test_a_cursor_expires_with_its_month(
    copy: Copy, bureau: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await admin.execute(
        "create table schools.change_log_2019_03 partition of schools.change_log "
        "for values from ('2019-03-01 00:00+08') to ('2019-04-01 00:00+08')"
    )
    await admin.execute("alter table schools.change_log_2019_03 owner to junheng_schools_owner")
    await ok(copy.client, "POST", "/v1/schools", bureau, json=school(code(bureau, 1)))
    await copy.read(wait=20)
    early = copy.cursor
    assert early
    await admin.execute(
        "insert into schools.change_log (at, bureau_code, operation, resource, changes, row_id) "
        "values ('2019-03-05', $1, 'delete', 'schools', '{}', uuidv7())",
        bureau,
    )
    await ok(copy.client, "POST", "/v1/schools", bureau, json=school(code(bureau, 2)))
    fresh = Copy(copy.client, bureau)
    fresh.cursor = "now"
    await fresh.catch_up()
    assert await drop_partitions(app.state.resources[Database]) == 1
    answer = await copy.client.get("/v1/changes", params={"after": early}, headers=copy.headers)
    assert (answer.status_code, answer.json()["code"]) == (410, "platform.cursor_expired")
    assert await fresh.read() == []
    from_the_start = Copy(copy.client, bureau)
    await from_the_start.catch_up()
    assert [change["key"] for change in from_the_start.seen] == [code(bureau, 1), code(bureau, 2)]
