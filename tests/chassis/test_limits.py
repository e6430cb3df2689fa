"""What a process does with too much: too many requests, too slow statements, too deep bodies."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlalchemy import text

from services.chassis.app import create_app
from services.chassis.db import Connection, Session
from services.chassis.limits import (
    MAX_JSON_DEPTH,
    MAX_JSON_VALUES,
    is_too_deep,
    is_too_long,
    repeated_name,
)
from services.chassis.settings import ServiceSettings
from tests.support.running import running
from tests.support.tokens import bearer

_JSON = {"Content-Type": "application/json"}
ADMIN = bearer("bureau_admin", bureau="999999")
router = APIRouter(prefix="/v1")


class Anything(BaseModel):
    """A body of any depth."""

    value: list[object]


@router.get("/sql")
async def ask_sql(connection: Connection, seconds: float = 0.05) -> None:
    """Keep a connection of one pool for a while."""
    await connection.execute("select pg_sleep($1)", seconds)


@router.get("/orm")
async def ask_orm(session: Session, seconds: float = 0.05) -> None:
    """Keep a connection of the other pool for a while."""
    await session.execute(text("select pg_sleep(:seconds)"), {"seconds": seconds})


@router.post("/body")
async def take(payload: Anything) -> int:
    """Take a body."""
    return len(payload.value)


# Objects as the text that says them, with names that may come twice.
_OBJECTS = st.recursive(
    st.sampled_from(["1", "null", '"x"', '"{"']),
    lambda inner: (
        st.lists(st.tuples(st.sampled_from("abc"), inner), max_size=4).map(
            lambda pairs: "{" + ", ".join(f'"{name}": {value}' for name, value in pairs) + "}"
        )
        | st.lists(inner, max_size=3).map(lambda values: "[" + ", ".join(values) + "]")
    ),
    max_leaves=12,
)


@given(text=_OBJECTS)
def test_a_name_is_repeated_if_writing_the_value_again_loses_it(text: str) -> None:
    lost = json.dumps(json.loads(text)) != text
    assert (repeated_name(text.encode()) is not None) == lost


@pytest_asyncio.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    small = ServiceSettings.for_service(
        "schools", pool_size=2, acquire_timeout=0.5, max_requests=200, statement_timeout_ms=1000
    )
    app = create_app(
        "schools",
        "Limits 限制",
        [router],
        settings=small,
        open_paths=frozenset({"/v1/body"}),
    )
    async with running(app) as started:
        yield started


async def test_three_hundred_requests_on_two_connections(client: httpx.AsyncClient) -> None:
    paths = ["/v1/sql", "/v1/orm"] * 150
    before = time.monotonic()
    answers = await asyncio.gather(*(client.get(path, headers=ADMIN) for path in paths))
    assert time.monotonic() - before < 15, "nobody waits without end"
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {200, 503}
    assert statuses[503] >= 100, "those over the limit of the process at least"
    for answer in answers:
        if answer.status_code == 503:
            assert answer.json()["code"] == "platform.overloaded"
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.headers["content-type"] == "application/problem+json"
    for path in ("/v1/sql", "/v1/orm"):
        assert (await client.get(path, headers=ADMIN)).status_code == 200, "it recovers"


async def test_an_overloaded_process_still_says_how_it_is(client: httpx.AsyncClient) -> None:
    crowd = [asyncio.create_task(client.get("/v1/sql", headers=ADMIN)) for _ in range(250)]
    await asyncio.sleep(0.1)
    assert (await client.get("/livez")).status_code == 200
    assert 'junheng_pool_connections{pool="sql"' in (await client.get("/metrics")).text
    await asyncio.gather(*crowd)


@pytest.mark.parametrize("path", ["/v1/sql", "/v1/orm"])
async def test_a_statement_that_takes_too_long_is_stopped(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path, params={"seconds": 5}, headers=ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (503, "platform.statement_timeout")
    assert int(answer.headers["Retry-After"]) > 0
    assert (await client.get(path, headers=ADMIN)).status_code == 200


@pytest.mark.parametrize(
    ("depth", "status"), [(1, 200), (MAX_JSON_DEPTH - 1, 200), (MAX_JSON_DEPTH, 400), (50_000, 400)]
)
async def test_deep_json_is_refused(client: httpx.AsyncClient, depth: int, status: int) -> None:
    body = f'{{"value":{"[" * depth}{"]" * depth}}}'
    answer = await client.post(
        "/v1/body", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["code"] == "platform.json_too_deep"
        assert str(MAX_JSON_DEPTH) in answer.json()["detail"]


async def test_wide_json_and_brackets_in_text_are_fine(client: httpx.AsyncClient) -> None:
    value = [{"a": ["[[[[{{{{" * 10, '"[', "\\[", "\\"]}] * 1000
    assert (await client.post("/v1/body", json={"value": value})).json() == 1000


async def test_multipart_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/body", files={"file": b"a,b"})
    assert (answer.status_code, answer.json()["code"]) == (415, "platform.unsupported_media_type")


JSON = st.recursive(
    st.none() | st.integers() | st.text('[]{}"\\a,'),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('[]{}"\\a'), inner),
    max_leaves=30,
)


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@given(JSON, st.integers(1, 6))
@settings(max_examples=500)
def test_depth_is_measured_as_json_means_it(value: object, limit: int) -> None:
    for body in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert is_too_deep(body.encode(), limit) == (depth_of(value) > limit)


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON", "application/ndjson+json"]
)
async def test_unknown_properties_without_end_are_refused_as_a_whole(
    client: httpx.AsyncClient, kind: str
) -> None:
    body = json.dumps({f"k{n}": 1 for n in range(MAX_JSON_VALUES + 1)})
    headers = ADMIN | {"Content-Type": kind}
    answer = await client.post("/v1/body", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["code"] == "platform.json_too_long"
    assert len(answer.json()["errors"]) == 0
    full = json.dumps({"value": [0] * MAX_JSON_VALUES})
    answer = await client.post("/v1/body", content=full, headers=headers)
    assert answer.json() == MAX_JSON_VALUES


def test_commas_in_texts_are_no_values() -> None:
    assert not is_too_long(json.dumps({"facts": "甲,乙," * MAX_JSON_VALUES + '"\\,'}).encode())
    assert is_too_long(b'[",",1,2]', limit=2)
    assert not is_too_long(b'[",",1,2]', limit=3)


@pytest.mark.parametrize(
    "unclosed", [b'"' + b'\\"' * 20_000, b'"' + b"\\a" * 20_000, b'"a' * 20_001]
)
async def test_a_text_without_an_end_keeps_nobody_busy(
    client: httpx.AsyncClient, unclosed: bytes
) -> None:
    body = unclosed + b"[" * 2 * MAX_JSON_DEPTH + b"," * 2 * MAX_JSON_VALUES
    before = time.monotonic()
    answer = await client.post(
        "/v1/body", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert time.monotonic() - before < 2


@pytest.mark.parametrize(
    "body",
    ['{"value": [1], "value": [2]}', '{"value": [{"a": {"b": 1, "c": 2, "\\u0062": 3}}]}'],
)
async def test_a_name_that_is_repeated_is_refused(client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post("/v1/body", content=body, headers=ADMIN | _JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "platform.json_name_repeated")


async def test_the_same_name_in_two_objects_is_not(client: httpx.AsyncClient) -> None:
    body = '{"value": [{"a": 1}, {"a": 1}, {"b": {"a": 1}}]}'
    answer = await client.post("/v1/body", content=body, headers=ADMIN | _JSON)
    assert (answer.status_code, answer.json()) == (200, 3)
