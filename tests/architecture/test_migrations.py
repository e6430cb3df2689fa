"""Migrations produce the models' tables, can be undone, and done again."""

import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest
from alembic import command
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.local.secrets import SERVICES
from services.chassis.runtime.migrate import alembic_config, check, migrate
from tests.support.database import create_database

# Everything that a migration makes, apart from the marks of the migrations themselves.
SHAPE = """
select 'column', table_name, column_name, data_type || is_nullable || coalesce(column_default, '')
from information_schema.columns where table_schema = $1 and table_name !~ '^alembic'
union all
select 'index', tablename, indexname, indexdef from pg_indexes where schemaname = $1
union all
select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
from pg_constraint where connamespace = $1::regnamespace and contype <> 'n'
union all
select 'policy', tablename, policyname, concat(roles, qual, with_check) from pg_policies
where schemaname = $1
union all
select 'row security', relname, '', relrowsecurity::text || relforcerowsecurity
from pg_class where relnamespace = $1::regnamespace and relkind = 'r'
union all
select 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(t.oid)
from pg_trigger t join pg_class c on c.oid = tgrelid
where relnamespace = $1::regnamespace and not tgisinternal
union all
select 'grant', table_name, grantee, privilege_type from information_schema.role_table_grants
where table_schema = $1 and table_name !~ '^alembic' order by 1, 2, 3, 4
"""


@pytest.fixture(scope="module")
def database() -> str:
    """A database that this module may take apart."""
    return create_database(f"migrations_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")


@pytest.fixture
async def admin(database: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def as_owner(
    database: str, service: str, work: Callable[[Connection], Any], search_path: str = "public"
) -> None:
    """Do something in one transaction as the owner of a service's schema."""
    engine = create_async_engine(
        database.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=pool.NullPool
    )
    async with engine.begin() as connection:
        await connection.execute(text(f'set local role "junheng_{service}_owner"'))
        await connection.execute(text(f"set local search_path = {search_path}"))
        await connection.run_sync(work)
    await engine.dispose()


@pytest.mark.parametrize("service", SERVICES)
async def test_models_and_migrations_agree(database: str, service: str) -> None:
    await as_owner(database, service, lambda connection: check(connection, service))


@pytest.mark.parametrize("service", SERVICES)
async def test_down_and_up_again_is_the_same(
    database: str, service: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    def down(connection: Connection) -> None:
        for tree in (service, "chassis"):
            command.downgrade(alembic_config(tree, service, connection), "base")

    before = await admin.fetch(SHAPE, service)
    assert len(before) > 20
    await as_owner(database, service, down, f"{service}, public")
    left = await admin.fetch(
        "select tablename from pg_tables where schemaname = $1 and tablename !~ $2",
        service,
        "^(pgqueuer|alembic_version)",
    )
    assert left == []
    await migrate(database, [service])
    assert await admin.fetch(SHAPE, service) == before


async def test_migrating_again_changes_nothing(
    database: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    before = [await admin.fetch(SHAPE, service) for service in SERVICES]
    await migrate(database, list(SERVICES))
    assert [await admin.fetch(SHAPE, service) for service in SERVICES] == before


_FOR_EVERYBODY = """
select tablename, policyname from pg_policies where schemaname = 'gateway' and qual = 'true'
    and policyname not in ('service', 'owner') order by 1, 2
"""


async def test_policies_that_are_there_ask_for_somebody(
    database: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    def down(connection: Connection) -> None:
        command.downgrade(alembic_config("chassis", "gateway", connection), "c012")

    before = await admin.fetch(SHAPE, "gateway")
    assert await admin.fetch(_FOR_EVERYBODY) == []
    await as_owner(database, "gateway", down, "gateway, public")
    opened = [tuple(row) for row in await admin.fetch(_FOR_EVERYBODY)]
    assert ("account", "platform") in opened
    assert ("change_log", "platform") in opened
    await migrate(database, ["gateway"])
    assert await admin.fetch(SHAPE, "gateway") == before


_OLD_ROWS = """
insert into schools.bureau (bureau_code, name) values ('620123', '榆中县教育局');
insert into schools.school (bureau_code, school_code, name, school_type, area_type, status)
values ('620123', '2162000001', '榆中县实验小学', '211', '121', 'active');
insert into schools.staff (bureau_code, staff_no, name, school_code, post_category, employed_on,
    status, id_number_cipher, id_number_index, id_number_masked, gender, birth_date)
select '62012' || n % 3, 'T' || n, (array['王小明', '单雄信', '吕布'])[n % 3 + 1], '2162000001',
    'worker', '2020-01-01', 'active', 'k1:x', n::text::bytea, '*', 'male', '1990-01-01'
from generate_series(1, 9) n;
"""


async def test_names_that_are_there_get_their_keys_and_nobody_is_told(
    database: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    def down(connection: Connection) -> None:
        command.downgrade(alembic_config("schools", "schools", connection), "s005")

    log = "select operation, changes from schools.change_log order by position, id"
    await as_owner(database, "schools", down, "schools, public")
    await admin.execute(_OLD_ROWS)
    logged = await admin.fetch(log)
    assert len(logged) == 11
    await migrate(database, ["schools"])
    found = await admin.fetch(
        "select distinct name, name_pinyin, name_initials, version from schools.staff "
        "union select name, name_pinyin, name_initials, version from schools.school "
        "union select name, name_pinyin, name_initials, version from schools.bureau order by 2"
    )
    assert [tuple(row) for row in found] == [
        ("吕布", "lvbu", "lb", 1),
        ("单雄信", "shanxiongxin", "sxx", 1),
        ("王小明", "wangxiaoming", "wxm", 1),
        ("榆中县教育局", "yuzhongxianjiaoyuju", "yzxjyj", 1),
        ("榆中县实验小学", "yuzhongxianshiyanxiaoxue", "yzxsyxx", 1),
    ]
    assert await admin.fetch(log) == logged
    await admin.execute("update schools.staff set name = '张三', name_pinyin = 'zhangsan'")
    told = (await admin.fetch(log))[len(logged) :]
    assert len(told) == 9
    assert not any("pinyin" in entry["changes"] for entry in told)
    await as_owner(database, "schools", down, "schools, public")
    await admin.execute("update schools.staff set name = '李四'")
    assert len(await admin.fetch(log)) == len(logged) + 18
    await migrate(database, ["schools"])


_OLD_CASES = """
insert into accountability.case_file (id, bureau_code, case_no, title, facts, trigger, source,
    school_code, found_on, state)
select ('01890000-0000-7000-8000-00000000000' || n)::uuid, '620123', '2025-00' || n, '原案由',
    '登记时的事实', 'T1-1', 'audit', '2162000001', '2025-04-09', (array['lead', 'decided'])[n]
from generate_series(1, 2) n;
insert into accountability.respondent (bureau_code, case_id, staff_no, responsibility, name,
    school_code)
select '620123', id, 'T1', 'first', '王小明', '2162000001' from accountability.case_file;
insert into accountability.case_event (bureau_code, case_id, entry, verb, actor, actor_name, at,
    details)
select '620123', id, entry, verb, 'a', name, at::timestamptz, details::jsonb
from accountability.case_file, (values
    (1, 'open', 'lodger', '2025-04-10', '{}'),
    (2, 'update', 'editor', '2025-04-11', '{}'),
    (3, 'remove_respondent', 'editor', '2025-04-12', '{"staff_no": "T9"}'),
    (4, 'decide', 'leader', '2025-04-13', '{}')
) e (entry, verb, name, at, details)
where state = 'decided' or entry < 4;
update accountability.case_file set facts = '修改后的事实' where case_no = '2025-001';
"""


async def test_cases_that_are_there_hide_from_whom_they_name_and_show_what_was_lodged(
    database: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    def down(connection: Connection) -> None:
        command.downgrade(alembic_config("accountability", "accountability", connection), "k003")

    before = await admin.fetch(SHAPE, "accountability")
    await as_owner(database, "accountability", down, "accountability, public")
    await admin.execute(_OLD_CASES)
    await migrate(database, ["accountability"])
    assert await admin.fetch(SHAPE, "accountability") == before
    named = await admin.fetch("select named, named_schools from accountability.case_file")
    assert [tuple(row) for row in named] == [(["T1", "T9"], ["2162000001"])] * 2
    notified = await admin.fetch(
        "select notified_at is not null, works_at from accountability.respondent order by case_id"
    )
    assert [tuple(row) for row in notified] == [(False, ["2162000001"]), (True, ["2162000001"])]
    texts = await admin.fetch(
        "select right(case_id::text, 1), text_version, facts, actor_name "
        "from accountability.case_text order by case_id, text_version"
    )
    assert [tuple(row) for row in texts] == [
        ("1", 1, "登记时的事实", "lodger"),
        ("1", 2, "修改后的事实", "editor"),
        ("2", 1, "登记时的事实", "lodger"),
    ]
