"""What every list takes: a filter for each field that it shows, and each order it names."""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import product
from typing import Any, TypeAlias, get_args
from uuid import UUID

import asyncpg
import pytest

from services.chassis.database.auth import Caller
from services.chassis.database.clock import CHINA
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.keyset import is_text
from services.chassis.lists.listing import Listing
from services.chassis.lists.query import ListQuery
from services.chassis.lists.row_scopes import RowScope
from tests.architecture.processes import PROCESSES, Route, operation_of, routes_of
from tests.architecture.snapshots import agreed

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
# Logs, not lists: entries in the order they were made, with what they need to be found by.
_LOGS = {"/v1/changes", "/v1/audit-events"}
# Fields that are no parameters. Every listing says why in `unfiltered`.
UNFILTERED = {
    ("staff", "id_number_masked"),
    ("results", "explanation"),
    ("imports", "rows_per_second"),
    ("imports", "estimated_end_at"),
    ("faults", "message"),
}
# Rows that are never changed, or not a record of their own.
UNVERSIONED = {
    "events", "faults", "jobs", "own-cases", "public-notice", "summary", "text-versions",
}  # fmt: skip
# Says the same as `version`, in quotes.
_DERIVED = {"etag"}
# Mean something else in every list; equality is asked for as `…_eq`.
_RESERVED = {"limit", "cursor", "total", "fields", "format", "bom", "compress", "q", "sort"}
_ORDERED = {"integer", "number"}, {"date", "date-time"}


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """A schema without references, as what it is when it is not null."""
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif choices := schema.get("anyOf"):
            schema = next(one for one in choices if one.get("type") != "null")
        else:
            return schema


def pages() -> Iterator[Route]:
    """Every route that answers with pages."""
    for process in PROCESSES:
        document = agreed(process)
        for route in routes_of(process):
            if route.method != "GET" or route.path not in document["paths"]:
                continue
            answer = operation_of(route)["responses"].get("200", {}).get("content", {})
            schema = resolved(answer.get("application/json", {}).get("schema", {}), document)
            if "next_cursor" in schema.get("properties", {}):
                yield route


def is_log(route: Route) -> bool:
    """Whether it is no list."""
    return route.path in _LOGS or route.path.endswith("/history")


def listing_of(route: Route) -> Listing:
    """The declaration that a route takes its parameters from."""
    (found,) = [
        dependency.call.listing
        for dependency in route.original.dependant.dependencies
        if isinstance(dependency.call, ListQuery)
    ]
    listing: Listing = found
    return listing


LISTS = [route for route in pages() if not is_log(route)]


@pytest.mark.parametrize("route", LISTS, ids=str)
def test_every_plain_field_of_a_list_is_a_filter(route: Route) -> None:
    document = agreed(route.process)
    operation = operation_of(route)
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    rows = resolved(answer, document)["properties"]["data"]["items"]
    names = {one["name"] for one in operation["parameters"] if one["in"] == "query"}
    resource = route.path.rpartition("/")[2]
    missing = []
    for field, described in resolved(rows, document)["properties"].items():
        schema = resolved(described, document)
        if schema.get("type") in ("array", "object", None) or field in _DERIVED:
            continue
        wanted = {f"{field}_eq" if field in _RESERVED else field}
        if schema["type"] in _ORDERED[0] or schema.get("format") in _ORDERED[1]:
            wanted |= {f"{field}_{suffix}" for suffix in ("gte", "lte", "gt", "lt")}
        if (resource, field) in UNFILTERED:
            assert not wanted & names, field
        else:
            missing += sorted(wanted - names)
    assert missing == []


def test_every_record_in_a_list_carries_its_etag() -> None:
    without = {listing.resource for listing in map(listing_of, LISTS) if not listing.has_version}
    assert without == UNVERSIONED


def test_what_is_no_filter_is_declared_with_a_reason() -> None:
    declared = {
        (listing.resource, name): reason
        for route in LISTS
        for listing in [listing_of(route)]
        for name, reason in listing.unfiltered.items()
    }
    assert declared.keys() == UNFILTERED
    assert all(declared.values())


CALLER = Caller(
    subject="s", kind="account", name="n", roles=frozenset({"bureau_admin"}),
    scopes=frozenset({"staff:write"}), bureau="620901", schools=(), staff_no=None,
)  # fmt: skip


def reader_of(listing: Listing) -> Caller:
    """Somebody who may see rows of a list: of a bureau, or a platform administrator."""
    is_of_platform = isinstance(listing.scope, RowScope) and "bureau" not in listing.scope.rules
    return CALLER.model_copy(update={"bureau": None}) if is_of_platform else CALLER


_VALUES: dict[Any, Any] = {
    int: 1,
    float: 1.5,
    Decimal: Decimal("1.5"),
    bool: True,
    date: date(2025, 1, 1),
    datetime: datetime(2025, 1, 1, tzinfo=CHINA),
    UUID: UUID("01890000-0000-7000-8000-000000000001"),
}
_KEYS = {"uuid": str(_VALUES[UUID]), "text": "x", "varchar": "x", "int8": 1, "int4": 1}


def value_of(kind: Any) -> Any:
    """Some value of a type."""
    if not is_text(kind):
        return _VALUES[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    return get_args(kind)[0] if get_args(kind) else "x"


@pytest.fixture
async def connection() -> AsyncIterator[Connection]:
    """A connection that may see everything, so that nothing but the statement can be wrong."""
    connection = await asyncpg.connect(os.environ["JUNHENG_TEST_DATABASE"])
    yield connection
    await connection.close()


async def select(connection: Connection, listing: Listing, where: Where, rest: str) -> None:
    """Have PostgreSQL understand and carry out a selection."""
    await connection.fetch(f"select from {listing.source} {where.sql()} {rest}", *where.args)


@pytest.mark.parametrize("route", LISTS, ids=str)
async def test_postgres_understands_every_filter(connection: Connection, route: Route) -> None:
    listing = listing_of(route)
    await connection.execute(f"set search_path = {route.process}")
    for name, one in listing.filters.items():
        value = value_of(one.kind)
        params = listing.params.model_validate({name: value if one.operator else [value]})
        where = listing.where(reader_of(listing), params, {})
        await select(connection, listing, where, "limit 1")
        assert params.model_fields_set == {name}


@pytest.mark.parametrize("route", LISTS, ids=str)
async def test_every_order_goes_on_after_every_place(connection: Connection, route: Route) -> None:
    """Whatever is null there: the types fit, and no field is missing."""
    listing = listing_of(route)
    await connection.execute(f"set search_path = {route.process}")
    typed = await connection.prepare(f"select {listing.key} from {listing.source}")
    last = _KEYS[typed.get_attributes()[0].type.name]
    terms = [f"{sign}{name}" for name in listing.sorts for sign in ("", "-")]
    for first, second in product(terms, terms):
        sort = first if first.strip("-") == second.strip("-") else f"{first},{second}"
        order = listing.order(listing.params(sort=sort))
        values = [
            [str(value_of(key.kind)), *([None] if key.is_nullable else [])] for key in order.keys
        ]
        for place in product(*values):
            where = listing.where(reader_of(listing), listing.params(sort=sort), {})
            order.add_after([*place, last], where)
            await select(connection, listing, where, f"order by {order.sql} limit 1")
