"""Every table that holds a bureau's data is protected, by one simple policy per level."""

from contextlib import suppress

import asyncpg
import pytest

from deploy.local.secrets import SERVICES
from services.chassis.database.row_security import LEVELS
from tests.support.database import admin_url

# Tables without row security, and why.
_OPEN = {
    "clock": "the time, the same for everybody",
    "change_base": "where positions begin, the same for everybody",
    "job_run": "faults of jobs, as codes; rights by level: test_table_rights.py",
    "job_period": "periods of periodic jobs; rights by level: test_table_rights.py",
    "pgqueuer": "jobs of all bureaus; rights by level: test_table_rights.py",
    "pgqueuer_log": "kinds of past jobs; rights by level: test_table_rights.py",
    "pgqueuer_schedules": "not used; nobody's but the worker's: test_table_rights.py",
    "pgqueuer_statistics": "counts of jobs; nobody's but the worker's: test_table_rights.py",
    "alembic_version_chassis": "which migrations have run; the owner's: test_table_rights.py",
    **{f"alembic_version_{service}": "the same for the service's own tree" for service in SERVICES},
}
# Staging tables come and go with the run of an import (imports/staging/staging_tables.py).
_STAGE = "^import_[0-9a-f]{32}_"
# Read by the service itself alone.
_OF_SERVICE = {"change_seal", "key_rotation", "held_file"}
# Written by the triggers, which act as the owner.
_BY_OWNER = {"change_log", "case_text"}

_TABLES = f"""
select n.nspname as schema, c.relname as table, c.relrowsecurity as enabled,
    c.relforcerowsecurity as forced,
    exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'bureau_code')
        as of_bureau,
    coalesce(array_agg(p.polname::text) filter (where p.polname is not null), '{{}}') as policies,
    coalesce(array_agg(pg_get_expr(coalesce(p.polqual, p.polwithcheck), p.polrelid))
        filter (where p.polname is not null), '{{}}') as conditions
from pg_class c join pg_namespace n on n.oid = c.relnamespace
left join pg_policy p on p.polrelid = c.oid
where c.relkind in ('r', 'p') and not c.relispartition and n.nspname = any($1)
    and c.relname !~ '{_STAGE}'
group by 1, 2, 3, 4, 5 order by 1, 2
"""


async def test_every_table_has_its_policies() -> None:
    connection = await asyncpg.connect(admin_url())
    tables = await connection.fetch(_TABLES, list(SERVICES))
    await connection.close()
    assert len(tables) > 20
    for table in tables:
        name = f"{table['schema']}.{table['table']}"
        if table["table"] in _OPEN:
            assert not table["of_bureau"], f"{name} holds a bureau's data and is not protected"
            continue
        assert table["enabled"], f"{name} has no row security"
        assert table["forced"], f"{name}: row security does not bind the owner"
        own = {"owner"} if table["table"] in _BY_OWNER else set()
        assert set(table["policies"]) == own | (set(table["policies"]) & set(LEVELS)), name
        assert "service" in table["policies"], f"{name}: the service itself has no policy"
        of_service = table["schema"] == "gateway" or table["table"] in _OF_SERVICE
        assert of_service or "bureau" in table["policies"], name
        for condition in table["conditions"]:
            assert " OR " not in condition, f"{name}: a policy joins two conditions by OR"


_COUNT = "select count(*) from {service}.{table}"


@pytest.mark.parametrize("level", [None, "bureau", "schools", "person", "platform"])
@pytest.mark.parametrize("service", SERVICES)
async def test_a_raw_session_without_context_sees_nothing(
    service: str, level: str | None, seeded: str
) -> None:
    """The login itself, and each level that it takes on without saying for whom."""
    connection = await asyncpg.connect(seeded)
    tables = [row["table"] for row in await connection.fetch(_TABLES, [service]) if row["enabled"]]
    assert len(tables) > 5
    for table in tables:
        assert await connection.fetchval(_COUNT.format(service=service, table=table)) >= 1, table
    role = f"junheng_{service}_{level}" if level else f"junheng_{service}"
    await connection.execute(f'set role "{role}"')
    for table in tables:
        with suppress(asyncpg.InsufficientPrivilegeError):  # or it may not even look
            found = await connection.fetchval(_COUNT.format(service=service, table=table))
            assert found == 0, table
    await connection.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_the_same_session_sees_with_a_context(service: str, seeded: str) -> None:
    connection = await asyncpg.connect(seeded)
    count = _COUNT.format(service=service, table="change_log")
    all_entries = await connection.fetchval(count)
    await connection.execute(f"set role junheng_{service}_platform")
    await connection.execute("set app.subject = 'somebody'")
    assert await connection.fetchval(count) == all_entries >= 1
    await connection.close()
