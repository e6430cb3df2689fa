"""Replaying the feed from zero gives exactly the table, whatever the writers do meanwhile."""

import asyncio
from itertools import count
from typing import Any

import asyncpg
import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.chassis.lists.pinyin.named import NAME_KEYS
from tests.changes.copying import Copy, without_nulls
from tests.changes.writers import act_for, add_school, code, logged_in

_WRITERS = 8
_bureaus = count(100_001)

NUMBER = st.integers(1, 6)
STEP = st.one_of(
    st.tuples(st.just("add"), NUMBER, NUMBER),
    st.tuples(st.just("change"), NUMBER, st.integers(1, 5)),
    st.tuples(st.just("rename"), NUMBER, NUMBER),
    st.tuples(st.just("remove"), NUMBER, NUMBER),
    st.tuples(st.just("all"), NUMBER, st.integers(1, 5)),
)
TRANSACTION = st.tuples(
    st.lists(STEP, min_size=1, max_size=4),
    st.booleans() | st.just(True),  # whether it commits
    st.sampled_from([0, 0, 0, 0.01, 0.05, 0.2]),  # how long it is held open at its end
)
WORK = st.lists(st.lists(TRANSACTION, min_size=1, max_size=4), min_size=_WRITERS, max_size=_WRITERS)


class RolledBack(Exception):
    """Leaves a transaction that is not to commit."""


async def step(connection: Any, bureau: str, kind: str, number: int, value: int) -> None:
    at = code(bureau, number)
    if kind == "add":
        await add_school(connection, bureau, number)
    elif kind == "change":
        await connection.execute(
            "update school set name = $2, version = version + 1 "
            "where school_code = $1 and name <> $2",
            at,
            f"第{value}小学",
        )
    elif kind == "rename":
        await connection.execute(
            "update school set school_code = $2 where school_code = $1", at, code(bureau, value)
        )
    elif kind == "remove":
        await connection.execute("delete from school where school_code = $1", at)
    else:
        await connection.execute("update school set enrolment = coalesce(enrolment, 0) + $1", value)


async def write(bureau: str, transactions: list[Any]) -> None:
    async with logged_in() as connection:
        for steps, commits, pause in transactions:
            try:
                async with connection.transaction():
                    await act_for(connection, bureau)
                    await connection.execute("set local lock_timeout = '1s'")
                    for one in steps:
                        await step(connection, bureau, *one)
                        await asyncio.sleep(pause / 4)
                    await asyncio.sleep(pause)
                    if not commits:
                        raise RolledBack
            except (
                RolledBack,
                asyncpg.UniqueViolationError,
                asyncpg.DeadlockDetectedError,
                asyncpg.LockNotAvailableError,
            ):
                continue


async def follow(copy: Copy, finished: asyncio.Event) -> None:
    while not finished.is_set():
        await copy.read()
        await asyncio.sleep(0.005)
    await copy.catch_up()


@given(WORK)
@settings(
    max_examples=25,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # timing does not shrink
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_a_copy_made_by_the_feed_is_the_table(
    client: httpx.AsyncClient, admin: "asyncpg.Connection[asyncpg.Record]", work: list[Any]
) -> None:
    bureau = str(next(_bureaus))
    live, finished = Copy(client, bureau, limit=3), asyncio.Event()
    following = asyncio.create_task(follow(live, finished))
    await asyncio.gather(*(write(bureau, transactions) for transactions in work))
    finished.set()
    await following
    later = Copy(client, bureau, limit=7)
    await later.catch_up()
    table = {
        str(row["id"]): row["doc"]
        for row in await admin.fetch(
            "select id, (to_jsonb(s) - $2::text[])::text as doc from schools.school s "
            "where bureau_code = $1",
            bureau,
            list(NAME_KEYS),  # derived, and so not told
        )
    }
    expected = {key: without_nulls(parse(doc)) for key, doc in table.items()}
    for copy in (live, later):
        rows = copy.rows.get("schools", {})
        assert {key: without_nulls(row) for key, row in rows.items()} == expected
    assert [change["cursor"] for change in live.seen] == [c["cursor"] for c in later.seen]


def parse(document: str) -> dict[str, Any]:
    row: dict[str, Any] = httpx.Response(200, text=document).json()
    return row
