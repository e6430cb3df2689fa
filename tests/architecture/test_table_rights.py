"""What each level may do with tables that have no row security: to the letter, and in earnest."""

import asyncpg
import pytest

from deploy.local.secrets import SERVICES
from services.chassis.database.row_security import LEVELS
from services.chassis.migrations.table_rights import CLOSED
from services.chassis.queue.jobs import enqueue_on
from tests.changes.writers import act_for, logged_in
from tests.support.database import admin_url

ADDS = {
    ("pgqueuer", column, "INSERT")
    for column in (
        "id", "priority", "entrypoint", "payload", "execute_after", "dedupe_key", "headers",
        "status",
    )
} | {
    ("pgqueuer", column, "SELECT") for column in ("id", "priority", "entrypoint", "dedupe_key")
} | {
    ("pgqueuer_log", column, "INSERT") for column in ("job_id", "status", "entrypoint", "priority")
}  # fmt: skip
LOOKS_AFTER = {
    ("pgqueuer", column, "SELECT") for column in ("attempts", "created", "execute_after", "status")
} | {("job_run", column, "SELECT") for column in ("job_id", "starts", "error", "failed_at")}
PUTS_BACK = {
    ("pgqueuer", column, "UPDATE") for column in ("status", "attempts", "execute_after", "updated")
} | {("job_run", "starts", "UPDATE")}
PAYLOADS = {
    ("pgqueuer", column, "SELECT")
    for column in ("payload", "headers", "queue_manager_id", "updated", "heartbeat", "slot")
}
RIGHTS = {
    "bureau": ADDS,
    "schools": ADDS,
    "person": ADDS,
    "platform": ADDS | LOOKS_AFTER,
    "service": ADDS | LOOKS_AFTER | PUTS_BACK | PAYLOADS,
}
_HELD = """
select c.relname, a.attname, p.privilege
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p(privilege)
where c.relnamespace = $1::regnamespace and c.relkind = 'r' and c.relname ~ $3
    and has_column_privilege($2, c.oid, a.attnum, p.privilege)
"""
_WHOLE = """
select c.relname, p.privilege from pg_class c
cross join unnest(array['DELETE', 'TRUNCATE', 'TRIGGER', 'MAINTAIN']) p(privilege)
where c.relnamespace = $1::regnamespace and c.relkind = 'r' and c.relname ~ $3
    and (p.privilege <> 'MAINTAIN' or current_setting('server_version_num')::int >= 170000)
    and has_table_privilege($2, c.oid, p.privilege)
"""
_SEQUENCES = """
select c.relname, p.privilege from pg_class c
cross join unnest(array['USAGE', 'SELECT', 'UPDATE']) p(privilege)
where c.relnamespace = $1::regnamespace and c.relkind = 'S' and c.relname ~ $3
    and has_sequence_privilege($2, c.oid, p.privilege)
"""


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("service", SERVICES)
async def test_a_level_has_these_rights_and_no_other(service: str, level: str) -> None:
    connection = await asyncpg.connect(admin_url())
    asked = (service, f"junheng_{service}_{level}", CLOSED)
    columns = {tuple(row) for row in await connection.fetch(_HELD, *asked)}
    whole = [tuple(row) for row in await connection.fetch(_WHOLE, *asked)]
    sequences = [tuple(row) for row in await connection.fetch(_SEQUENCES, *asked)]
    await connection.close()
    assert columns == RIGHTS[level]
    assert whole == []
    assert sequences == [("pgqueuer_id_seq", "USAGE")]


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_are_their_owners_business(service: str) -> None:
    connection = await asyncpg.connect(admin_url())
    asked = (service, f"junheng_{service}", "^alembic_version")
    held = [await connection.fetch(query, *asked) for query in (_HELD, _WHOLE)]
    await connection.close()
    assert held == [[], []]


@pytest.mark.parametrize("level", LEVELS)
async def test_every_level_adds_a_job_and_does_nothing_else_to_the_queue(level: str) -> None:
    async with logged_in() as connection:
        attempt = connection.transaction()
        await attempt.start()
        await act_for(connection, "620902", level)
        await enqueue_on(connection, "schools", "test.rights", {"directive_no": "甲"})
        assert await connection.fetchval(
            "select count(*) from pgqueuer where entrypoint = 'test.rights'"
        )
        forbidden = [
            "delete from pgqueuer",
            "update pgqueuer set payload = null",
            "table job_period",
        ]
        if level != "service":
            forbidden += [
                "select payload from pgqueuer",
                "update pgqueuer set status = 'failed'",
                "select traceback from pgqueuer_log",
                "update job_run set starts = 9",
            ]
        for statement in forbidden:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.execute(statement)
        await attempt.rollback()
