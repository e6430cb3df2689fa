"""Keys rotate under load, with workers killed in the middle, and nobody notices."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import copy
from itertools import cycle

import asyncpg
import httpx
import pytest

from services.chassis.database.encrypted_columns import KeyMissing, KeyRing
from tests.schools.county import County, csv_of, id_number, person, school
from tests.schools.rotating import Registry
from tests.support.importing import counts
from tests.support.tokens import bearer

PEOPLE, REPORTED = 10_000, 30
KEYS = {"role": "security_admin", "subject": {"bureau": None}}
_SNAPSHOT = (
    "select staff_no, encode(id_number_index, 'hex') as index, version, updated_at "
    "from schools.staff where staff_no not like 'N%' order by staff_no"
)


@pytest.fixture(scope="module")
async def registry() -> Registry:
    """Ten thousand people, all under the key k1."""
    registry = await asyncio.to_thread(Registry)
    async with registry.serving(registry.secret("k1")) as client:
        county = County(client, "620123", serial=1)
        await county.ok("POST", "/v1/schools", json=school(county.one))
        rows = [person(f"T{n:05}", county.one, n) for n in range(PEOPLE)]
        assert counts(await county.load("staff", csv_of(rows))) == (PEOPLE, 0, 0, 0)
        given = [person(f"T{n:05}", county.one, PEOPLE + n) for n in range(REPORTED)]
        job = await county.load("staff", csv_of(given), role="integration")
        assert counts(job) == (0, 0, REPORTED, 0)
    return registry


@asynccontextmanager
async def repeated(*acts: Callable[[], Awaitable[None]]) -> AsyncIterator[list[int]]:
    """Do these things again and again meanwhile; how often each was done."""
    done = [0] * len(acts)
    stopping = asyncio.Event()

    async def repeat(number: int) -> None:
        while not stopping.is_set():
            await acts[number]()
            done[number] += 1
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        for number in range(len(acts)):
            tasks.create_task(repeat(number))
        try:
            yield done
        finally:
            stopping.set()


class Load:
    """Readers and writers who must never meet an unreadable row."""

    def __init__(self, county: County, registry: Registry) -> None:
        self.county, self.registry, self.new = county, registry, PEOPLE
        self.ids: list[str] = []

    def number(self) -> int:
        # The first half is left to rotate untouched.
        return random.randrange(PEOPLE // 2, PEOPLE)

    async def reveal(self) -> None:
        path = f"/v1/staff/{random.choice(self.ids)}:reveal"
        await self.county.ok("POST", path, json={"purpose": "核对"})

    async def patch(self) -> None:
        duty = {"duty": f"第{random.randrange(99)}班"}
        await self.county.ok("PATCH", f"/v1/staff/by-key/T{self.number():05}", json=duty)

    async def put(self) -> None:
        n = self.number()
        body = person(f"T{n:05}", self.county.one, n, duty="值周")
        await self.county.ok("PUT", f"/v1/staff/by-key/T{n:05}", json=body)

    async def import_some(self) -> None:
        self.new += 20
        numbers = [*(self.number() for _ in range(20)), *range(self.new - 20, self.new)]
        rows = {
            n: person(f"{'T' if n < PEOPLE else 'N'}{n:05}", self.county.one, n, duty="导入")
            for n in numbers
        }
        job = await self.county.load("staff", csv_of(list(rows.values())))
        assert job["state"] == "completed", job

    async def lock(self) -> None:
        # A transaction that sits on rows makes the rotation skip them and come back.
        await self.registry.fetch(
            "with held as (select id from schools.staff order by random() limit 50 for update) "
            "select pg_sleep(0.3) from held limit 1"
        )


async def numbers_of(client: httpx.AsyncClient, county: County) -> dict[str, str]:
    """Staff number and ID number of a sample, through the API."""
    page = await county.ok("GET", "/v1/staff", params={"limit": 300, "sort": "staff_no"})
    shown = {}
    for row in page["data"]:
        answer = await county.ok("POST", f"/v1/staff/{row['id']}:reveal", json={"purpose": "核对"})
        shown[answer["staff_no"]] = answer["id_number"]
    return shown


async def test_rotation_under_load_with_workers_killed(registry: Registry) -> None:
    secret = registry.secret("k2", "k1")
    before = await registry.fetch(_SNAPSHOT)
    async with registry.serving(secret) as client:
        county = County(client, "620123", serial=1)
        load = Load(county, registry)
        load.ids = [row["id"] for row in (await county.ok("GET", "/v1/staff?limit=1000"))["data"]]
        async with repeated(
            load.reveal, load.reveal, load.patch, load.put, load.import_some, load.lock
        ) as done:
            begun = await county.ok("POST", "/v1/personal-data:rotate", **KEYS)
            assert begun["rotation"]["state"] == "running"
            again = await county.ok("POST", "/v1/personal-data:rotate", **KEYS)
            assert again["rotation"]["id"] == begun["rotation"]["id"]
            kills = 0
            worker = ("services.chassis.runtime.worker", "schools")
            command = ("services.schools.rotate_keys",)
            tried = cycle((worker, command, command))
            async with asyncio.timeout(120):
                # One that finds the lock of a killed one still held ends by itself: try again.
                while kills < 3 and await registry.is_running():
                    process = registry.start(secret, *next(tried))
                    kills += await registry.kill_after(process, random.randrange(1, 1000))
            process = registry.start(secret, *worker)
            async with asyncio.timeout(120):
                while await registry.is_running():
                    await asyncio.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            process.wait()
        assert kills == 3
        assert all(done), done
        state = await county.ok("GET", "/v1/personal-data/keys", **KEYS)
        assert {use["key"]: use["rows"] for use in state["keys"]} == {
            "k1": 0,
            "k2": load.new + REPORTED,
        }
        assert state["rotation"]["state"] == "completed"
    await _is_unnoticed(registry, before)


async def _is_unnoticed(registry: Registry, before: list[asyncpg.Record]) -> None:
    """Content, version and blind index are as before; the old key is no longer needed."""
    after = await registry.fetch(_SNAPSHOT)
    untouched = slice(0, PEOPLE // 2)
    assert [tuple(row) for row in after[untouched]] == [tuple(row) for row in before[untouched]]
    assert [row["index"] for row in after] == [row["index"] for row in before]
    rotated = await registry.fetch(
        "select from schools.change_log where resource = 'staff' and operation = 'update' "
        "and natural_key < $1",
        f"T{PEOPLE // 2:05}",
    )
    assert rotated == []
    ring = KeyRing.from_json(registry.secret("k2"))
    rows = await registry.fetch("select staff_no, id_number_cipher as c from schools.staff")
    for row in rows:
        assert ring.decrypt(row["c"]) == id_number(int(row["staff_no"][1:]))
    reported = await registry.fetch(
        "select staff_no, id_number_cipher as c from schools.id_number_report"
    )
    assert len(reported) == REPORTED
    for row in reported:
        assert ring.decrypt(row["c"]) == id_number(PEOPLE + int(row["staff_no"][1:]))
    async with registry.serving(registry.secret("k2")) as client:
        county = County(client, "620123", serial=1)
        shown = await numbers_of(client, county)
        assert all(number == id_number(int(staff_no[1:])) for staff_no, number in shown.items())


async def test_a_start_without_a_key_in_use_is_refused(registry: Registry) -> None:
    registry.keys["k9"] = registry.keys.get("k9", registry.index)
    needed = {
        row["k"]
        for row in await registry.fetch("select distinct id_number_key as k from schools.staff")
    }
    with pytest.raises(RuntimeError, match=f"lacks {', '.join(sorted(needed))}"):
        async with registry.serving(registry.secret("k9")):
            pass


async def test_a_start_without_a_database_is_not_refused(registry: Registry) -> None:
    nowhere = copy(registry)
    nowhere.url = "postgresql://127.0.0.1:1/junheng"
    async with nowhere.serving(registry.secret("k1")) as client:
        assert (await client.get("/livez")).status_code == 200


async def test_only_the_right_administrators_see_or_rotate_keys(registry: Registry) -> None:
    async with registry.serving(registry.secret("k2", "k1")) as client:
        for role, expected in (
            ("security_admin", (200, 202)),
            ("system_admin", (200, 403)),
            ("auditor", (403, 403)),
            ("bureau_admin", (403, 403)),
        ):
            headers = bearer(role, bureau="620123" if role == "bureau_admin" else None)
            shown = await client.get("/v1/personal-data/keys", headers=headers)
            begun = await client.post("/v1/personal-data:rotate", headers=headers)
            assert (shown.status_code, begun.status_code) == expected, role
            assert not any(key in shown.text for key in (*registry.keys.values(), registry.index))
        audited = await registry.fetch(
            "select actor from schools.change_log where resource = 'personal-data' "
            "and operation = 'access' order by id desc limit 1"
        )
        assert audited[0]["actor"] == "tester"


async def test_a_value_under_an_unknown_key_says_so(registry: Registry) -> None:
    old = KeyRing.from_json(registry.secret("k1"))
    new = KeyRing.from_json(registry.secret("k2"))
    with pytest.raises(KeyMissing) as missing:
        new.decrypt(old.encrypt("11010519491231002X"))
    assert missing.value.params == {"key": "k1"}
    assert missing.value.status == 503
    assert old.blind_index("1") == new.blind_index("1")
