import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import TypeAlias

import asyncpg
import pytest

from deploy.errors import SetupError
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.throwaway import throwaway_postgres
from deploy.postgres.setup import SERVICES, prepare

PASSWORDS = {name: f"{name}-password" for name in SERVICES}
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with throwaway_postgres() as running:
        yield running


@pytest.fixture(scope="module")
async def prepared(server: EmbeddedPostgres) -> EmbeddedPostgres:
    """A server that three runs at once have set up."""
    url = server.url("junheng")
    await asyncio.gather(*(prepare(url, PASSWORDS) for _ in range(3)))
    owner = await asyncpg.connect(url)
    await owner.execute("SET ROLE junheng_schools_owner; CREATE TABLE schools.row_ (id bigserial)")
    await owner.close()
    return server


def url_as(server: EmbeddedPostgres, role: str, password: str, database: str = "junheng") -> str:
    address = server.url(database).rpartition("@")[2]
    return f"postgresql://{role}:{password}@{address}"


@pytest.fixture
async def administrator(prepared: EmbeddedPostgres) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(prepared.url())
    yield connection
    await connection.close()


@pytest.fixture
async def login(prepared: EmbeddedPostgres) -> AsyncIterator[Connection]:
    """The connection of the schools service."""
    connection = await asyncpg.connect(url_as(prepared, "junheng_schools", PASSWORDS["schools"]))
    yield connection
    await connection.close()


async def test_a_login_works_with_the_rows_of_its_own_schema(login: Connection) -> None:
    assert await login.fetchval("SHOW search_path") == "schools"
    await login.execute("INSERT INTO row_ DEFAULT VALUES")
    await login.execute("UPDATE row_ SET id = id + 1")
    assert await login.fetchval("SELECT count(*) FROM row_") == 1
    await login.execute("DELETE FROM row_")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine ()",
        "CREATE TABLE public.mine ()",
        "CREATE SCHEMA mine",
        "DROP TABLE row_",
        "TRUNCATE row_",
        "ALTER TABLE row_ DISABLE ROW LEVEL SECURITY",
        "SET ROLE junheng_schools_owner",
        "SET ROLE junheng_gateway",
    ],
)
async def test_a_login_neither_owns_nor_creates(login: Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await login.execute(statement)


async def test_a_login_is_refused_the_tables_of_another_service(
    prepared: EmbeddedPostgres,
) -> None:
    for other in ("gateway", "appraisal", "accountability"):
        stranger = await asyncpg.connect(url_as(prepared, f"junheng_{other}", PASSWORDS[other]))
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="schema schools"):
            await stranger.fetch("SELECT * FROM schools.row_")
        await stranger.close()


async def test_nobody_else_may_connect(prepared: EmbeddedPostgres) -> None:
    administrator = await asyncpg.connect(prepared.url())
    await administrator.execute("CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
    await administrator.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(url_as(prepared, "stranger", "stranger"))


async def test_a_second_run_takes_new_passwords_and_keeps_the_rest(
    prepared: EmbeddedPostgres, administrator: Connection
) -> None:
    roles = "SELECT array_agg(rolname ORDER BY rolname) FROM pg_roles WHERE rolname ~ '^junheng_'"
    before = await administrator.fetchval(roles)
    await prepare(prepared.url("junheng"), PASSWORDS | {"appraisal": "new"})
    assert await administrator.fetchval(roles) == before
    assert set(before) >= {f"junheng_{name}{end}" for name in SERVICES for end in ("", "_owner")}
    connection = await asyncpg.connect(url_as(prepared, "junheng_appraisal", "new"))
    await connection.close()


async def test_passwords_stay_out_of_the_server(administrator: Connection) -> None:
    kept = await administrator.fetch(
        "SELECT rolpassword FROM pg_authid WHERE rolname ~ '^junheng_' AND rolcanlogin"
    )
    assert [row[0].startswith("SCRAM-SHA-256$4096:") for row in kept] == [True] * 4


async def test_an_administrator_need_not_be_a_superuser() -> None:
    with throwaway_postgres() as server:
        administrator = await asyncpg.connect(server.url())
        await administrator.execute("CREATE ROLE boss LOGIN CREATEROLE CREATEDB PASSWORD 'boss'")
        await administrator.execute("CREATE ROLE weak LOGIN PASSWORD 'weak'")
        await administrator.close()
        for _ in range(2):
            await prepare(url_as(server, "boss", "boss"), PASSWORDS)
        boss = await asyncpg.connect(url_as(server, "boss", "boss"))
        await boss.execute("SET ROLE junheng_gateway_owner; CREATE TABLE gateway.t ()")
        await boss.close()
        with pytest.raises(SetupError, match="CREATEROLE"):
            await prepare(url_as(server, "weak", "weak"), PASSWORDS)


async def test_says_that_the_administrator_is_refused(prepared: EmbeddedPostgres) -> None:
    with pytest.raises(SetupError, match="keep data and secret"):
        await prepare(url_as(prepared, "postgres", "wrong"), PASSWORDS)
