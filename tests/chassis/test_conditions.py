"""Strong ETags from the row version: nobody overwrites what they have not seen."""

import asyncio

import httpx
import pytest

from services.schools.main import app
from tests.support.running import running
from tests.support.tokens import bearer


@pytest.fixture
async def client(bureau: str):  # type: ignore[no-untyped-def]
    async with running(app) as client:
        client.headers.update(bearer("bureau_admin", bureau=bureau))
        yield client


@pytest.fixture
def path(bureau: str) -> str:
    return f"/v1/schools/by-key/21{bureau}02"


async def put(client: httpx.AsyncClient, path: str, name: str, **headers: str) -> httpx.Response:
    body = {
        "school_code": path.rpartition("/")[2],
        "name": name,
        "school_type": "211",
        "area_type": "121",
    }
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.put(path, json=body, headers=sent)


async def test_reads_and_writes_give_the_etag(client: httpx.AsyncClient, path: str) -> None:
    assert (await put(client, path, "一小")).headers["etag"] == '"1"'
    assert (await put(client, path, "二小")).headers["etag"] == '"2"'
    assert (await client.get(path)).headers["etag"] == '"2"'


async def test_a_known_state_is_304_without_a_body(client: httpx.AsyncClient, path: str) -> None:
    await put(client, path, "一小")
    known = await client.get(path, headers={"If-None-Match": '"7", "1"'})
    assert (known.status_code, known.content) == (304, b"")
    weakly = await client.get(path, headers={"If-None-Match": 'W/"1"'})
    assert weakly.status_code == 304
    changed = await client.get(path, headers={"If-None-Match": '"0"'})
    assert changed.status_code == 200


async def test_of_two_writers_with_one_etag_one_wins(client: httpx.AsyncClient, path: str) -> None:
    etag = (await put(client, path, "一小")).headers["etag"]
    answers = await asyncio.gather(
        *(client.patch(path, json={"name": name}, headers={"If-Match": etag}) for name in "甲乙")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    lost = next(answer for answer in answers if answer.status_code == 412)
    assert lost.json()["code"] == "platform.precondition_failed"
    assert '"2"' in lost.json()["detail"]


async def test_if_match_needs_a_row_and_a_star_guards_creation(
    client: httpx.AsyncClient, path: str
) -> None:
    assert (await put(client, path, "一小", If_Match='"1"')).status_code == 412
    assert (await put(client, path, "一小", If_None_Match="*")).status_code == 201
    assert (await put(client, path, "二小", If_None_Match="*")).status_code == 412
    assert (await put(client, path, "二小", If_Match='W/"1"')).status_code == 412
    assert (await put(client, path, "二小", If_Match="*")).status_code == 200


async def test_what_changes_nothing_is_no_new_version(client: httpx.AsyncClient, path: str) -> None:
    made = (await put(client, path, "一小")).json()
    for same in (await put(client, path, "一小"), await client.patch(path, json={})):
        assert (same.headers["etag"], same.json()) == ('"1"', made)


async def test_a_list_of_etags_may_take_several_lines(client: httpx.AsyncClient, path: str) -> None:
    await put(client, path, "一小")
    for name, status in (("If-Match", 200), ("If-None-Match", 304)):
        lines = [(name, '"7"'), (name, '"1"')]
        method = "PATCH" if name == "If-Match" else "GET"
        answer = await client.request(method, path, json={}, headers=lines)
        assert answer.status_code == status


@pytest.mark.parametrize("tag", ['"1', "1", '1"', '"1.a', '"1"x', "", ",", '"1" "2"', "'1'"])
async def test_what_is_no_etag_names_no_row(client: httpx.AsyncClient, path: str, tag: str) -> None:
    await put(client, path, "一小")
    assert (await put(client, path, "二小", If_Match=tag)).status_code == 412
