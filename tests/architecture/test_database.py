"""PostgreSQL itself keeps the services apart: what the four logins may not do."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from deploy.local.secrets import SERVICES
from services.chassis.core.settings import ServiceSettings, service_dsn
from tests.support.database import admin_url

_TABLES = """
select n.nspname as schema, format('%I.%I', n.nspname, c.relname) as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm') and n.nspname = any($1) order by 2
"""


async def log_in(service: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection as the login of a service, as the service itself makes it."""
    settings = ServiceSettings.for_service(service)
    password = settings.db_password.get_secret_value()
    return await asyncpg.connect(service_dsn(settings.database_url, f"junheng_{service}", password))


@pytest.fixture
async def admin() -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(admin_url())
    yield connection
    await connection.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_cannot_touch_another_services_tables(
    service: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    others = [other for other in SERVICES if other != service]
    tables = [row["name"] for row in await admin.fetch(_TABLES, others)]
    assert len(tables) > 20
    connection = await log_in(service)
    for table in tables:
        for statement in (
            f"select * from {table} limit 1",
            f"insert into {table} default values",
            f"delete from {table}",
            f"truncate {table}",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    for other in others:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"set role junheng_{other}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"set role junheng_{other}_service")
    await connection.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_cannot_change_the_structure_of_its_own_schema(
    service: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    own = [row["name"] for row in await admin.fetch(_TABLES, [service])]
    connection = await log_in(service)
    assert await connection.fetchval("select current_setting('search_path')") == service
    forbidden = [
        f"create table {service}.loot (id int)",
        f"create view {service}.loot as select 1",
        f"create function {service}.loot() returns int language sql as 'select 1'",
        f"create schema {service}_more",
        "create table public.loot (id int)",
        "create role loot",
        f"set role junheng_{service}_owner",
        "copy (select 1) to program 'true'",
        "select pg_read_file('/etc/passwd')",
        *(f"alter table {table} add column loot int" for table in own),
        *(f"alter table {table} disable row level security" for table in own),
        *(f"drop table {table}" for table in own),
        *(f"truncate {table}" for table in own),
    ]
    for statement in forbidden:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_login_is_nobody_special(
    service: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    role = await admin.fetchrow("select * from pg_roles where rolname = $1", f"junheng_{service}")
    assert role is not None
    powers = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolbypassrls", "rolreplication")
    assert not any(role[power] for power in powers)
    owner = await admin.fetchrow(
        "select * from pg_roles where rolname = $1", f"junheng_{service}_owner"
    )
    assert owner is not None
    assert not owner["rolcanlogin"]
    owners = await admin.fetch(
        "select distinct pg_get_userbyid(c.relowner) as owner from pg_class c "
        "join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1",
        service,
    )
    assert [row["owner"] for row in owners] == [f"junheng_{service}_owner"]
