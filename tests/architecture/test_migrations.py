"""Migrations produce the models' tables, can be undone, and done again."""

import json
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
    return create_database("migrations")


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
    entries = (await admin.fetch(log))[len(logged) :]
    assert len(entries) == 9
    assert not any("pinyin" in entry["changes"] for entry in entries)
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


_OLD_NAMES = """
insert into appraisal.cycle (id, bureau_code, year, name, rule_set, period_from, period_to, state,
    rules, is_stale)
values ('01890000-0000-7000-8000-000000000001', '620123', 2025, 'publicised', 'founding',
    '2025-01-01', '2025-12-31', 'determined', '{"publicity_working_days": 5}', false);
update appraisal.cycle set state = 'publicised', publicity_from = '2026-01-05',
    publicity_to = '2026-01-09';
insert into appraisal.rule_set (bureau_code, code, name, rules)
values ('620123', 'own', '规则', '{"publicity_working_days": 7}');
insert into appraisal.fact (bureau_code, cycle_id, staff_no, kind, starts_on, ends_on)
select '620123', id, 'T1', 'sick_leave', '2025-02-01', '2025-02-03' from appraisal.cycle;
insert into appraisal.change_log (bureau_code, operation, resource, changes) values
    ('620123', 'access', 'facts', '{"action":"refused","scope":"facts:read"}'),
    ('620123', 'access', 'publicity', '{"action":"export"}');
insert into appraisal.export_job (bureau_code, subject, created_by, caller, reach, scopes, resource,
    within, query, format, compress, bom, language, file_name, request_digest, expires_at)
values ('620123', 's', 'n', '{"name": "facts:read", "scopes": ["cycles:read", "facts:read"]}', '',
    '{cycles:read,facts:read}', 'facts', '{}', '{}', 'csv', 'none', false, 'zh-CN', 'f', '', now());
insert into appraisal.change_seal (seq, from_position, from_id, to_position, to_id, row_count,
    digests, names, hash)
select 1, 0, 0, 1, 0, 0, ''::bytea, '{}'::text[], ''::bytea union all
select 2, 1, 0, max(position), max(id), 5, '', '{}', '' from appraisal.change_log;
"""
_STORED_NAMES = """
select to_jsonb(c) - array['created_at', 'updated_at', 'id'] from appraisal.cycle c
union all select rules from appraisal.rule_set
union all (select jsonb_build_array(resource, operation, changes::jsonb - array['created_at',
    'updated_at', 'id']) from appraisal.change_log order by position, id)
union all select jsonb_build_array(resource, scopes, caller) from appraisal.export_job
union all select to_jsonb(seq) from appraisal.change_seal
"""


async def test_names_that_are_stored_are_replaced_and_return(
    database: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    def down(connection: Connection) -> None:
        command.downgrade(alembic_config("appraisal", "appraisal", connection), "a005")

    async def stored() -> list[str]:
        return [str(row[0]) for row in await admin.fetch(_STORED_NAMES)]

    shape = await admin.fetch(SHAPE, "appraisal")
    await as_owner(database, "appraisal", down, "appraisal, public")
    await admin.execute(_OLD_NAMES)
    before = await stored()
    assert before[-2:] == ["1", "2"]
    await migrate(database, ["appraisal"])
    assert await admin.fetch(SHAPE, "appraisal") == shape
    found = await stored()
    assert not [one for one in found if "publicity" in one or '"facts"' in one]
    cycle = json.loads(found[0])
    assert (cycle["name"], cycle["state"]) == ("publicised", "public_notice")
    assert cycle["rules"] == {"public_notice_working_days": 5}
    assert [json.loads(one) for one in found[-2:]] == [
        [
            "participation-records",
            ["cycles:read", "participation_records:read"],
            {"name": "facts:read", "scopes": ["cycles:read", "participation_records:read"]},
        ],
        1,
    ]
    log = [json.loads(one) for one in found[2:-2]]
    assert log[1][2]["state"] == ["determined", "public_notice"]
    assert log[1][2]["public_notice_to_on"] == [None, "2026-01-09"]
    assert log[0][2]["rules"] == {"public_notice_working_days": 5}
    assert log[0][2]["name"] == "publicised"
    assert [entry[0] for entry in log[3:]] == [
        "participation-records",
        "participation_records",
        "public-notice",
    ]
    assert log[4][2]["scope"] == "participation_records:read"
    await as_owner(database, "appraisal", down, "appraisal, public")
    assert await stored() == before[:-1]
    await migrate(database, ["appraisal"])


_CLIENT = """
insert into gateway.client (client_id, name, scopes, bureau_code)
values ('hr', 'facts:read', '{cycles:read,facts:write,facts:read}', '620123');
"""


async def test_scopes_of_clients_are_renamed(
    database: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    def down(connection: Connection) -> None:
        command.downgrade(alembic_config("gateway", "gateway", connection), "g004")

    await as_owner(database, "gateway", down, "gateway, public")
    await admin.execute(_CLIENT)
    await migrate(database, ["gateway"])
    scopes = ["cycles:read", "participation_records:write", "participation_records:read"]
    assert await admin.fetchval("select scopes from gateway.client") == scopes
    entries = await admin.fetch("select changes from gateway.change_log where resource = 'clients'")
    assert [json.loads(entry["changes"])["scopes"] for entry in entries] == [scopes]


_SEAL = """
insert into gateway.change_seal (seq, from_position, from_id, to_position, to_id, row_count,
    digests, names, hash) values (1, 0, 0, 1, 1, 1, 'x', '{x}', 'x');
"""


async def test_seals_of_entries_in_another_form_are_removed(
    database: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    def down(connection: Connection) -> None:
        command.downgrade(alembic_config("chassis", "gateway", connection), "c005")

    async def seals() -> int:
        count: int = await admin.fetchval("select count(*) from gateway.change_seal")
        return count

    shape = await admin.fetch(SHAPE, "gateway")
    await admin.execute(_SEAL)
    await as_owner(database, "gateway", down, "gateway, public")
    assert await seals() == 0
    await admin.execute(_SEAL)
    await migrate(database, ["gateway"])
    assert await seals() == 0
    assert await admin.fetch(SHAPE, "gateway") == shape
