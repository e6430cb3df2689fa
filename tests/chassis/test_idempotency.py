"""A POST that is sent again is answered again, and done once."""

import asyncio
from uuid import uuid4

import httpx
import pytest

from services.appraisal.main import app as appraisal
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


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_has_1_to_255_characters(world: World, key: str) -> None:
    answer = await world.post(key)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "idempotency_key.length"


async def test_a_bad_token_is_refused_before_the_key_is_looked_at(world: World) -> None:
    headers = {"Authorization": "Bearer nonsense", "Idempotency-Key": "k"}
    answer = await world.client.post("/v1/schools", json={}, headers=headers)
    assert answer.status_code == 401


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
