"""Row security without the application's own check: with every scope removed, nothing foreign.

Every table of a bureau gets one row of bureau A and school A; values are the same wherever a
column has the same name or type, so that the sources of all lists find rows to join.
"""

import os
import pkgutil
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from typing import Any

import asyncpg
import pytest

from services.chassis.auth import Caller
from services.chassis.cursor import Cursors
from services.chassis.db import Database
from services.chassis.errors import NotFound
from services.chassis.exports.queries import exports_listing
from services.chassis.imports.queries import ImportLists
from services.chassis.listing import Listing
from services.chassis.settings import ServiceSettings
from tests.architecture.processes import SERVICES
from tests.support.database import create_database

BUREAU, SCHOOL, PERSON = "620901", "2162090001", "A1"
ROW = "01890000-0000-7000-8000-000000000001"
_NAMED = {
    "bureau_code": BUREAU, "school_code": SCHOOL, "base_school_code": SCHOOL, "staff_no": PERSON,
    "result": "excellent", "effect": "cap",
}  # fmt: skip
_TYPED = {
    "uuid": ROW, "jsonb": "[]", "bool": "true", "date": "2026-01-01", "timestamptz": "2026-01-01",
    "text": "x", "varchar": "x", "bytea": "k1:x", "xid8": "1",
    "int8multirange": "{}",
}  # fmt: skip
_CHECKS = """
select conrelid::regclass::text as table, conname as name from pg_constraint
where contype = 'c' and coninhcount = 0 and connamespace = any($1::regnamespace[])
"""
_COLUMNS = """
select c.table_name as table, array_agg(c.column_name::text order by ordinal_position) as names,
    array_agg(c.udt_name::text order by ordinal_position) as types
from information_schema.columns c join pg_class k on k.relname = c.table_name
    and k.relnamespace = c.table_schema::regnamespace and k.relkind in ('r', 'p')
    and not k.relispartition
where c.table_schema = $1 and is_generated = 'NEVER' and identity_generation is null
group by 1 having 'bureau_code' = any(array_agg(c.column_name::text))
"""


def listings(service: str) -> Iterator[Listing]:
    """Every list that a service declares."""
    package = import_module(f"services.{service}")
    seen: set[int] = set()
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" in module.name:
            continue
        for value in vars(import_module(module.name)).values():
            if isinstance(value, Listing) and id(value) not in seen:
                seen.add(id(value))
                yield value
    lists = ImportLists(import_module(f"{package.__name__}.importing").import_specs())
    yield lists.jobs("zh-CN")
    yield lists.faults("zh-CN")
    yield exports_listing("zh-CN")


ALL = [(service, listing) for service in SERVICES for listing in listings(service)]


def caller(role: str, **subject: Any) -> Caller:
    """Somebody of another bureau, another school, or another person."""
    defaults: dict[str, Any] = {
        "subject": "s", "bureau": BUREAU, "schools": (), "staff_no": None
    }  # fmt: skip
    return Caller(
        kind="account", name="n", roles=frozenset({role}), scopes=frozenset(),
        **(defaults | subject),
    )  # fmt: skip


# Rows that stand in no table: everybody may read the founding rules.
_BUILT_IN = {"rule-sets": 1}
# Exports are their creator's alone, and texts in the row are "x".
OWNER = caller("bureau_admin", subject=_TYPED["text"])
# No such row, or for some tables not even the right to look.
KEPT_AWAY = (NotFound, asyncpg.InsufficientPrivilegeError)
STRANGERS = {
    "another bureau": caller("bureau_admin", bureau="620902"),
    "a school of another bureau": caller("school_head", bureau="620902", schools=(SCHOOL,)),
    "another school": caller("school_head", schools=("2162090002",)),
    "another person": caller("staff", schools=(SCHOOL,), staff_no="B1"),
    "a person of another bureau": caller("staff", bureau="620902", staff_no=PERSON),
    "the platform": caller("system_admin", bureau=None),
}


@pytest.fixture(scope="module")
def database_url() -> str:
    """A database of this module's own."""
    return create_database(f"alone_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")


@pytest.fixture(scope="module")
async def seeded(database_url: str) -> str:
    """The same, with one row in every table that holds a bureau's data."""
    admin = await asyncpg.connect(database_url)
    await admin.execute("set session_replication_role = replica")
    for check in await admin.fetch(_CHECKS, list(SERVICES)):
        await admin.execute(f"alter table {check['table']} drop constraint {check['name']}")
    for service in SERVICES:
        for table in await admin.fetch(_COLUMNS, service):
            values = [
                _NAMED.get(name) or _TYPED.get(kind) or ("{}" if kind.startswith("_") else "1")
                for name, kind in zip(table["names"], table["types"], strict=True)
            ]
            literals = ", ".join(f"'{value}'" for value in values)
            names = ", ".join(f'"{name}"' for name in table["names"])
            await admin.execute(
                f"insert into {service}.{table['table']} ({names}) values ({literals})"
            )
    await admin.close()
    return database_url


@pytest.fixture
async def admin(seeded: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(seeded)
    yield connection
    await connection.close()


@pytest.fixture
def unscoped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the predicate out of every list."""
    for _, listing in ALL:
        monkeypatch.setitem(vars(listing), "scope", lambda _caller, _where: None)


@pytest.mark.parametrize(("service", "listing"), ALL, ids=lambda it: getattr(it, "resource", it))
async def test_postgres_alone_lets_nobody_see_what_is_foreign(
    service: str,
    listing: Listing,
    seeded: str,
    admin: "asyncpg.Connection[asyncpg.Record]",
    unscoped: None,
) -> None:
    await admin.execute(f"set search_path = {service}")
    built_in = _BUILT_IN.get(listing.resource, 0)
    assert await admin.fetchval(f"select count(*) from {listing.source}") == 1 + built_in
    address = seeded.replace(seeded.partition("//")[2].rpartition("@")[0] + "@", "")
    database = Database(service, ServiceSettings.for_service(service, database_url=address))
    await database.open()
    try:
        assert await seen(database, listing, OWNER) == 1 + built_in
        for who, stranger in STRANGERS.items():
            if not is_foreign(listing, stranger):
                continue
            assert await seen(database, listing, stranger) <= built_in, who
            key = listing.expression("id") if "id" in listing.read.model_fields else listing.key
            condition = f"({key})::text = {{}}"
            with pytest.raises(KEPT_AWAY):
                async with database.connection(stranger) as connection:
                    await listing.one(connection, stranger, condition, ROW)
    finally:
        await database.close()


async def seen(database: Database, listing: Listing, who: Caller) -> int:
    """How many rows a page of the whole list has for somebody."""
    try:
        async with database.connection(who) as connection:
            page = await listing.page(connection, who, listing.params(), Cursors(b"k"), {})
    except asyncpg.InsufficientPrivilegeError:
        return 0
    return len(page.documents)


def is_foreign(listing: Listing, who: Caller) -> bool:
    """Whether the row is kept from this caller: of another bureau, school or person."""
    fields = listing.read.model_fields
    if who.bureau is None:
        return listing.resource != "bureaus"
    if who.bureau != BUREAU or listing.resource in ("imports", "faults", "exports"):
        return True  # within a bureau an import is whoever's it is, and the bureau's; an export
    return ("staff_no" if who.is_person else "school_code") in fields
