"""Row security without the application's own check: with every scope removed, nothing foreign."""

import pkgutil
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from typing import Any

import asyncpg
import pytest

from services.chassis.core.errors import NotFound
from services.chassis.core.settings import ServiceSettings
from services.chassis.database.auth import Caller
from services.chassis.database.db import Database
from services.chassis.exports.queries import exports_listing
from services.chassis.imports.engine.queries import ImportLists
from services.chassis.lists.cursor import Cursors
from services.chassis.lists.listing import Listing
from tests.architecture.processes import SERVICES
from tests.architecture.seeding import BUREAU, PERSON, ROW, SCHOOL, TEXT


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
    lists = ImportLists(import_module(f"{package.__name__}.features").SERVICE.import_specs())
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
OWNER = caller("bureau_admin", subject=TEXT)
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
