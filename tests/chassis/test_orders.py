"""Walking a list by cursor gives the rows of a plain `order by`, whatever order and types."""

import os
from collections.abc import AsyncIterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias
from uuid import UUID

import asyncpg
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.lists.cursor import Cursors
from services.chassis.lists.keyset import Order, SortKey
from services.chassis.lists.listing import Listing

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
CALLER = Caller(
    subject="s", kind="account", name="n", roles=frozenset(), scopes=frozenset(), bureau=None,
    schools=(), staff_no=None,
)  # fmt: skip


class Thing(BaseModel):
    """A row with a field of every kind; most may be null."""

    number: int
    word: str
    day: date
    label: str | None
    ends_on: date | None
    at: datetime | None
    points: Decimal | None
    count: int | None
    is_on: bool | None
    ref: UUID | None
    state: Literal["open", "closed"] | None


COLUMNS = (
    "number integer, word text, day date, label text, ends_on date, at timestamptz, "
    "points numeric, count integer, is_on boolean, ref uuid, state text"
)
FIELDS = [name for name in Thing.model_fields if name != "number"]
THINGS = Listing("things", Thing, "thing", lambda *_: None, sorts=tuple(FIELDS), key="number")
# Few values, so that most rows tie.
_VALUES: dict[str, list[Any]] = {
    "word": ["", "a", "王", "A%"],
    "day": ["2024-02-29", "2025-01-01"],
    "label": [None, "x", "y"],
    "ends_on": [None, "2025-01-01"],
    "at": [None, "2025-01-01T00:00:00.000001+08:00", "2025-01-01T00:00:00+08:00"],
    "points": [None, "1.5", "-2", "88.350"],
    "count": [None, 0, 2**31 - 1],
    "is_on": [None, True, False],
    "ref": [None, "01890000-0000-7000-8000-000000000001"],
    "state": [None, "open", "closed"],
}
rows_of_things = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in _VALUES.items()}),
    max_size=25,
)
orders = st.lists(st.sampled_from(FIELDS), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.tuples(*(st.sampled_from([name, f"-{name}"]) for name in names))
)


@pytest.fixture
async def connection() -> AsyncIterator[Connection]:
    """A connection with an empty table of things."""
    connection = await asyncpg.connect(os.environ["JUNHENG_TEST_DATABASE"])
    await connection.execute(f"create temp table thing ({COLUMNS})")
    yield connection
    await connection.close()


async def walk(connection: Connection, sort: str, limit: int) -> list[int]:
    """The numbers of all things, page by page."""
    seen: list[int] = []
    cursor = None
    while True:
        params = THINGS.params(sort=sort, limit=limit, cursor=cursor)
        page = await THINGS.page(connection, CALLER, params, Cursors(b"k"), {})
        seen += [orjson.loads(document)["number"] for document in page.documents]
        cursor = page.next_cursor
        if cursor is None:
            return seen


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=rows_of_things, order=orders, limit=st.integers(1, 7))
async def test_walking_by_cursor_is_ordering(
    connection: Connection, rows: list[dict[str, Any]], order: tuple[str, ...], limit: int
) -> None:
    await connection.execute("truncate thing")
    numbered = [row | {"number": n} for n, row in enumerate(rows)]
    await connection.execute(
        f"insert into thing select * from json_to_recordset($1) as r({COLUMNS})",
        orjson.dumps(numbered).decode(),
    )
    terms = [f"{term.removeprefix('-')} {direction(term)}" for term in order]
    plainly = f"select number from thing order by {', '.join(terms)}, number {direction(order[-1])}"
    wanted = [row["number"] for row in await connection.fetch(plainly)]
    assert await walk(connection, ",".join(order), limit) == wanted


def direction(term: str) -> str:
    """In which direction a field is to go."""
    return "desc" if term.startswith("-") else "asc"


def test_one_field_is_compared_together_with_the_key() -> None:
    """That is what the indexes of the lists are made for."""
    for is_descending, sign, word in ((False, ">", "asc"), (True, "<", "desc")):
        order, where = Order([SortKey("name", str, is_descending)], "id"), Where()
        order.add_after(["王", "some-id"], where)
        assert order.sql == f"name {word}, id {word}"
        assert order.place_sql == "name::text as _at, id as _key"
        assert where.conditions == [f"(name, id) {sign} ($1::text, $2)"]
        assert where.args == ["王", "some-id"]


@pytest.mark.parametrize("sort", ["word,-day", "-word,day", "-label,day", "word,label,-day"])
async def test_mixed_directions_enter_an_index_at_the_place(
    connection: Connection, sort: str
) -> None:
    await connection.execute(
        "insert into thing (number, word, label, day) "
        "select n, 'w' || n % 100, 'l' || n % 100, '2025-01-01' from generate_series(1, 5000) n;"
        "create index on thing (word); create index on thing (label); analyze thing"
    )
    order, where = THINGS.order(THINGS.params(sort=sort)), Where()
    values = {"word": "w98", "label": "l1", "day": "2025-01-01"}
    order.add_after([*(values[term.removeprefix("-")] for term in sort.split(",")), 7], where)
    await connection.execute("set plan_cache_mode = force_generic_plan; set enable_seqscan = off")
    plan = "\n".join(
        line[0]
        for line in await connection.fetch(
            f"explain select number from thing {where.sql()} order by {order.sql} limit 10",
            *where.args,
        )
    )
    assert "Index Cond" in plan, plan
