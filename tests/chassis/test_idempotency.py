"""A POST that is sent again is answered again, and done once."""

import asyncio
from uuid import uuid4

import asyncpg
import httpx
import pytest
from cryptography.exceptions import InvalidTag

from services.appraisal.main import app as appraisal
from services.chassis.http import stored_responses
from services.chassis.http.stored_responses import Answer, Seal
from services.chassis.runtime import maintenance
from services.schools.main import app
from tests.support.running import running
from tests.support.tokens import bearer


def school(code: str = "2162000091", **changes: object) -> dict[str, object]:
    return {"school_code": code, "name": "一小", "school_type": "211", "area_type": "121"} | changes


class World:
    def __init__(self, client: httpx.AsyncClient, bureau: str) -> None:
        self.client, self.bureau = client, bureau
        self.code = f"21{bureau}01"

    async def post(self, key: str, **changes: object) -> httpx.Response:
        name = str(changes.pop("by", "tester"))
        headers = bearer("bureau_admin", bureau=self.bureau, name=name) | {"Idempotency-Key": key}
        body = school(self.code) | changes
        return await self.client.post("/v1/schools", json=body, headers=headers)

    async def schools(self) -> list[str]:
        headers = bearer("bureau_admin", bureau=self.bureau)
        page = await self.client.get("/v1/schools", headers=headers)
        return [row["name"] for row in page.json()["data"]]


@pytest.fixture
async def world(bureau: str):  # type: ignore[no-untyped-def]
    async with running(app) as client:
        yield World(client, bureau)


async def test_fifty_at_once_create_one_row_and_give_fifty_equal_answers(world: World) -> None:
    key = str(uuid4())
    answers = await asyncio.gather(*(world.post(key) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["etag"] for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 49
    assert await world.schools() == ["一小"]


async def test_without_a_key_the_second_is_refused(world: World) -> None:
    headers = bearer("bureau_admin", bureau=world.bureau)
    world.client.event_hooks = {}
    first = await world.client.post("/v1/schools", json=school(world.code), headers=headers)
    second = await world.client.post("/v1/schools", json=school(world.code), headers=headers)
    assert (first.status_code, second.status_code) == (201, 409)


async def test_another_payload_under_the_same_key_is_refused(world: World) -> None:
    key = str(uuid4())
    assert (await world.post(key)).status_code == 201
    answer = await world.post(key, name="二小")
    assert (answer.status_code, answer.json()["code"]) == (422, "platform.idempotency_key_reused")
    assert await world.schools() == ["一小"]


@pytest.mark.quick("services.chassis.http")
async def test_a_failure_leaves_the_key_free(world: World) -> None:
    key = str(uuid4())
    refused = await world.post(key, parent_code="2162999999")
    assert refused.status_code == 422
    again = await world.post(key)
    assert again.status_code == 201
    assert "idempotent-replayed" not in again.headers


async def test_keys_belong_to_their_caller(world: World) -> None:
    key = str(uuid4())
    assert (await world.post(key)).status_code == 201
    other = await world.post(key, by="somebody else")
    assert other.status_code == 409
    assert other.json()["code"] == "schools.school_code_taken"


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("", 400, "platform.idempotency_key_required"),
        ("x" * 256, 431, "platform.header_too_long"),
    ],
)
async def test_a_key_has_1_to_255_characters(
    world: World, key: str, status: int, code: str
) -> None:
    answer = await world.post(key)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await world.post("x" * 255)).status_code == 201


async def test_a_bad_token_is_refused_before_the_key_is_looked_at(world: World) -> None:
    headers = {"Authorization": "Bearer nonsense", "Idempotency-Key": "k"}
    answer = await world.client.post("/v1/schools", json={}, headers=headers)
    assert answer.status_code == 401


async def test_answers_lie_sealed(
    world: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    key = str(uuid4())
    answer = await world.post(key, name="看不见小学")
    rows = await admin.fetch(
        "select * from schools.idempotency where created_at > now() - interval '1 minute'"
    )
    assert answer.status_code == 201
    assert rows
    for row in rows:
        kept = b"".join(v if isinstance(v, bytes) else str(v).encode() for v in row.values())
        for hidden in (key, "看不见小学", answer.json()["school_code"]):
            assert hidden.encode() not in kept


def test_only_the_same_request_opens_an_answer() -> None:
    seal = Seal(b"s" * 32, "somebody", "key")
    answer = Answer()
    answer.status, answer.body = 201, b"secret\n"
    answer.headers = [(b"etag", b'"1"'), (b"x-request-id", b"1")]
    digest = seal.digest(b"request")
    kept = seal.close(answer, digest)
    opened = Seal(b"s" * 32, "somebody", "key").open(kept, digest)
    assert (opened.status, opened.body) == (201, b"secret\n")
    assert opened.headers == [(b"etag", b'"1"'), (b"idempotent-replayed", b"true")]
    others = [
        Seal(b"S" * 32, "somebody", "key"),
        Seal(b"s" * 32, "somebody else", "key"),
        Seal(b"s" * 32, "somebody", "another key"),
    ]
    assert len({seal.name, *(other.name for other in others)}) == 4
    for other in others:
        with pytest.raises(InvalidTag):
            other.open(kept, digest)
    with pytest.raises(InvalidTag):
        seal.open(kept, seal.digest(b"another request"))


async def age(admin: "asyncpg.Connection[asyncpg.Record]", hours: int) -> None:
    """Let the answers kept until now grow older."""
    await admin.execute(
        "update schools.idempotency set created_at = created_at - make_interval(hours => $1)", hours
    )


async def test_a_key_is_free_again_after_a_day(
    world: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    key = str(uuid4())
    await world.post(key)
    await age(admin, 23)
    assert "idempotent-replayed" in (await world.post(key)).headers
    await age(admin, 1)
    taken = await world.post(key, name="二小")
    assert taken.json()["code"] == "schools.school_code_taken"
    other = await world.post(key, school_code=f"{world.code[:-2]}02")
    assert other.status_code == 201
    assert (
        "idempotent-replayed" in (await world.post(key, school_code=f"{world.code[:-2]}02")).headers
    )


async def test_what_is_a_day_old_is_cleared_away_though_nobody_asks(
    world: World,
    admin: "asyncpg.Connection[asyncpg.Record]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, young = str(uuid4()), str(uuid4())
    await world.post(old)
    await admin.execute(  # more than are cleared away in one transaction
        "insert into schools.idempotency (subject, sealed_key, digest) "
        "select 'somebody', convert_to(n::text, 'UTF8'), '' from generate_series(1, $1) n",
        stored_responses._AT_ONCE,
    )
    await age(admin, 24)
    await world.post(young, school_code=f"{world.code[:-2]}02")
    count = "select count(*) from schools.idempotency where created_at < now() - interval '1 day'"
    assert await admin.fetchval(count) > stored_responses._AT_ONCE
    monkeypatch.setattr(maintenance, "_PERIOD_SECONDS", 0.05)
    async with maintenance.maintaining(app.state.resources, is_on=True), asyncio.timeout(30):
        while await admin.fetchval(count):
            await asyncio.sleep(0.05)
    again = await world.post(young, school_code=f"{world.code[:-2]}02")
    assert again.headers["idempotent-replayed"] == "true"


async def test_clearing_away_reads_only_what_is_over(
    admin: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    async with admin.transaction():
        await admin.execute("set local search_path = schools; set local enable_seqscan = off")
        plan = await admin.fetch(f"explain {stored_responses._FORGET}")
    assert "idempotency_created_at_idx" in "\n".join(line[0] for line in plan)


async def test_a_transition_needs_a_key(bureau: str) -> None:
    async with running(appraisal) as client:
        client.event_hooks = {}
        headers = bearer("bureau_admin", bureau=bureau)
        created = await client.post("/v1/cycles", json={"year": 2025}, headers=headers)
        path = f"/v1/cycles/{created.json()['id']}:open"
        answer = await client.post(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (
        400,
        "platform.idempotency_key_required",
    )
