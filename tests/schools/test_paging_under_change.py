"""Walking a list while others change it: what was there throughout is met exactly once."""

from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.schools.county import County, ndjson_of, person

SORTS = ("staff_no", "name", "created_at", "employed_on")
_serials = count(100_000)
_ROWS = 30

# What others do between two pages; the number chooses the row or the place in the order.
CHANGES = st.lists(
    st.tuples(st.sampled_from(["insert", "delete", "move", "touch"]), st.integers(0, _ROWS - 1)),
    max_size=4,
)


@pytest.fixture
async def staffed(county: County) -> County:
    """A county with thirty members of staff of few names and dates."""
    rows = [
        person(
            f"P{n:02}",
            county.one,
            next(_serials),
            name=f"员工{n % 4}",
            employed_on=f"201{n % 3}-09-01",
        )
        for n in range(_ROWS)
    ]
    await county.load("staff", ndjson_of(rows), "rows.ndjson")
    return county


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    sort=st.sampled_from([f"{sign}{field}" for field in SORTS for sign in ("", "-")]),
    limit=st.integers(1, 12),
    rounds=st.lists(CHANGES, min_size=1, max_size=6),
)
async def test_what_stays_is_met_exactly_once(
    staffed: County,
    admin: "asyncpg.Connection[asyncpg.Record]",
    sort: str,
    limit: int,
    rounds: list[list[tuple[str, int]]],
) -> None:
    before = await identities(staffed, admin)
    changed: set[str] = set()
    waiting = iter(rounds)

    async def between_pages() -> None:
        for what, number in next(waiting, []):
            changed.update(await change(staffed, admin, what, number))

    seen = await walk(staffed, {"sort": sort, "limit": limit}, between_pages)
    after = await identities(staffed, admin)
    # In the order of making nothing ever moves: there nobody is excused.
    moved = set() if "created_at" in sort else changed
    stayed = (before & after) - moved
    met = [row for row in seen if row in stayed]
    assert sorted(met) == sorted(stayed), "each of those that stayed, once"
    assert set(seen) <= before | after | changed


async def walk(
    county: County, query: dict[str, Any], between_pages: Callable[[], Awaitable[None]]
) -> list[str]:
    """The ids that a walk meets, in order."""
    seen: list[str] = []
    cursor = None
    while True:
        params = query | ({"cursor": cursor} if cursor else {})
        page = await county.ok("GET", "/v1/staff", params=params)
        seen += [row["id"] for row in page["data"]]
        if (cursor := page["next_cursor"]) is None or len(seen) > 20 * _ROWS:
            return seen
        await between_pages()


async def identities(county: County, admin: "asyncpg.Connection[asyncpg.Record]") -> set[str]:
    """The ids of everybody there is."""
    rows = await admin.fetch(
        "select id::text from schools.staff where bureau_code = $1", county.bureau
    )
    return {row["id"] for row in rows}


async def change(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]", what: str, number: int
) -> set[str]:
    """Let another connection change something; the ids of rows that may be elsewhere by now."""
    if what == "insert":
        serial = next(_serials)
        row = person(f"P{number:02}a{serial}", county.one, serial, name=f"员工{number % 4}")
        await county.ok("POST", "/v1/staff", json=row)
        return set()
    chosen = "(select id from schools.staff where bureau_code = $1 order by staff_no limit 1"
    chosen += " offset $2::int)"
    statement = {
        "delete": f"delete from schools.staff where id = {chosen}",
        # Anything but the columns of the order may change without the row's place changing.
        "touch": f"update schools.staff set duty = 'x', version = version + 1 where id = {chosen}",
        "move": "update schools.staff set name = '员工' || $2::int % 4, "
        "employed_on = '2010-09-01'::date + $2::int % 3, staff_no = staff_no || 'm' "
        f"where id = {chosen}",
    }[what]
    ids = await admin.fetch(f"{statement} returning id::text", county.bureau, number)
    return {row["id"] for row in ids} if what != "touch" else set()
