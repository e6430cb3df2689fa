import asyncio
import os
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from tests.appraisal.year import Year, person

DRAFT = ("draft", 0)


async def state(year: Year) -> tuple[str, int]:
    """The cycle's state and the size of its roster."""
    cycle = await year.ok("GET", "{c}")
    return cycle["state"], cycle["participants"]


async def open_transactions() -> int:
    """Transactions of the appraisal service that wait for something outside the database."""
    connection = await asyncpg.connect(os.environ["JUNHENG_TEST_DATABASE"])
    try:
        found: int = await connection.fetchval(
            "select count(*) from pg_stat_activity where datname = current_database() "
            "and application_name = 'junheng-appraisal' and state like 'idle in transaction%'"
        )
    finally:
        await connection.close()
    return found


async def prepare(year: Year) -> None:
    """A draft, and ten people in the registry."""
    year.registry.staff[year.bureau] = [person(f"P{n}") for n in range(10)]
    year.cycle_id = (await year.ok("POST", "/v1/cycles", json={"year": 2025}))["id"]


@pytest.mark.quick("services.appraisal.participants")
async def test_everyone_employed_on_the_last_day_takes_part(year: Year) -> None:
    await year.begin(
        [
            person("always"),
            person("last-day", employed_on="2025-12-31"),
            person("too-late", employed_on="2026-01-01"),
            person("left", left_on="2025-06-30"),
            person("left-on-last-day", left_on="2025-12-31"),
            person("leaves-next-year", left_on="2026-01-01"),
        ]
    )
    rows = (await year.ok("GET", "{c}/participants"))["data"]
    assert {row["staff_no"] for row in rows} == {"always", "last-day", "leaves-next-year"}


async def test_the_roster_is_a_copy(year: Year) -> None:
    await year.begin([person("P1", name="原名")])
    year.registry.staff[year.bureau][0]["name"] = "新名"
    (row,) = (await year.ok("GET", "{c}/participants"))["data"]
    assert (row["name"], row["school_name"]) == ("原名", "学校2162000001")


async def test_a_name_may_hold_what_python_takes_for_a_line_end(year: Year) -> None:
    await year.begin([person("P1", name="王\u2028小\u0085明")])
    (row,) = (await year.ok("GET", "{c}/participants"))["data"]
    assert row["name"] == "王\u2028小\u0085明"


async def test_without_the_registry_the_cycle_stays_a_draft(year: Year) -> None:
    await prepare(year)
    year.registry.is_down = True
    try:
        answer = await year.call("POST", "{c}:open")
    finally:
        year.registry.is_down = False
    assert (answer.status_code, answer.json()["code"]) == (503, "platform.upstream_unavailable")
    assert answer.headers["retry-after"]
    assert await state(year) == DRAFT
    assert (await year.call("POST", "{c}:open")).status_code == 200


@pytest.mark.parametrize("how", ["reset", "truncated"])
async def test_a_stream_that_breaks_off_leaves_nothing(year: Year, how: str) -> None:
    await prepare(year)

    def broken(_request: httpx.Request) -> httpx.Response:
        whole = year.registry.export(year.registry.staff[year.bureau])
        if how == "truncated":
            return httpx.Response(200, text=whole[:-20])

        async def stream() -> AsyncIterator[bytes]:
            yield whole[:300].encode()
            raise httpx.ReadError("connection reset")

        return httpx.Response(200, content=stream())

    year.registry.instead[year.bureau] = broken
    answer = await year.call("POST", "{c}:open")
    assert (answer.status_code, answer.json()["code"]) == (503, "platform.upstream_unavailable")
    assert await state(year) == DRAFT
    del year.registry.instead[year.bureau]
    await year.ok("POST", "{c}:open")
    assert await state(year) == ("open", 10)


async def test_a_registry_that_refuses_is_named(year: Year) -> None:
    await prepare(year)
    year.registry.instead[year.bureau] = lambda _request: httpx.Response(403, json={})
    answer = await year.call("POST", "{c}:open", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (502, "appraisal.registry_refused")
    assert "403" in answer.json()["detail"]
    assert await state(year) == DRAFT


async def test_an_empty_registry_is_a_conflict(year: Year) -> None:
    await prepare(year)
    year.registry.staff[year.bureau] = [person("gone", left_on="2020-01-01")]
    answer = await year.call("POST", "{c}:open")
    assert (answer.status_code, answer.json()["code"]) == (409, "appraisal.roster_empty")
    assert await state(year) == DRAFT


async def test_a_slow_registry_keeps_nobody_waiting(year: Year) -> None:
    """Directives lock the cycle of their year: one arrives while the roster is on its way."""
    await prepare(year)
    asked, released = asyncio.Event(), asyncio.Event()

    def slow(_request: httpx.Request) -> httpx.Response:
        async def stream() -> AsyncIterator[bytes]:
            asked.set()
            await released.wait()
            yield year.registry.export(year.registry.staff[year.bureau]).encode()

        return httpx.Response(200, content=stream())

    year.registry.instead[year.bureau] = slow
    opening = asyncio.create_task(year.call("POST", "{c}:open"))
    try:
        await asyncio.wait_for(asked.wait(), 60)
        received = await asyncio.wait_for(year.directive("P1"), 60)
        assert received.status_code == 201, received.text
        assert not opening.done()
        assert await open_transactions() == 0
    finally:
        released.set()
        answer = await opening
    assert answer.status_code == 200, answer.text
    assert await state(year) == ("open", 10)


async def test_what_changes_while_the_roster_is_fetched_is_seen(year: Year) -> None:
    """Two open the cycle at once: the one that locks it second finds it open."""
    await prepare(year)
    answers = await asyncio.gather(*(year.call("POST", "{c}:open") for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await state(year) == ("open", 10)


async def test_opened_once_more_with_its_key_it_is_answered_without_the_registry(
    year: Year,
) -> None:
    await prepare(year)
    key = {"Idempotency-Key": "open-it"}
    first = await year.call("POST", "{c}:open", headers=key)
    year.registry.is_down = True
    try:
        second = await year.call("POST", "{c}:open", headers=key)
    finally:
        year.registry.is_down = False
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content
    assert "idempotent-replayed" in second.headers


async def test_twice_at_once_with_one_key_it_opens_once(year: Year) -> None:
    await prepare(year)
    asked, released = asyncio.Event(), asyncio.Event()
    calls = 0

    def slow(_request: httpx.Request) -> httpx.Response:
        async def stream() -> AsyncIterator[bytes]:
            nonlocal calls
            calls += 1
            if calls == 2:
                asked.set()
            await released.wait()
            yield year.registry.export(year.registry.staff[year.bureau]).encode()

        return httpx.Response(200, content=stream())

    year.registry.instead[year.bureau] = slow
    key = {"Idempotency-Key": "both"}
    both = [asyncio.create_task(year.call("POST", "{c}:open", headers=key)) for _ in range(2)]
    await asyncio.wait_for(asked.wait(), 60)
    released.set()
    answers = await asyncio.gather(*both)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 1


async def test_a_key_whose_opening_failed_is_free(year: Year) -> None:
    await prepare(year)
    key = {"Idempotency-Key": "again"}
    year.registry.instead[year.bureau] = lambda _request: httpx.Response(403, json={})
    assert (await year.call("POST", "{c}:open", headers=key)).status_code == 502
    del year.registry.instead[year.bureau]
    answer = await year.call("POST", "{c}:open", headers=key)
    assert answer.status_code == 200, answer.text
    assert "idempotent-replayed" not in answer.headers
    other = await year.call("POST", "{c}:open", headers=key, json={"other": 1})
    assert other.json()["code"] == "platform.idempotency_key_reused"
