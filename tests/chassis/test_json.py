"""Bodies in JSON: only UTF-8, and measured by their structure before anything parses them."""

import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from services.chassis.core.settings import ServiceSettings
from services.chassis.database.auth import Caller, allow
from services.chassis.http.json_structure import (
    OPEN,
    USUAL,
    JsonNameRepeated,
    check_names,
    is_too_deep,
    is_too_long,
    is_utf8,
)
from services.chassis.runtime.app import create_app
from tests.support.answers import status_and_code
from tests.support.running import running
from tests.support.services import small_service
from tests.support.tokens import bearer

ADMIN = bearer("bureau_admin", bureau="999999")
_JSON = {"Content-Type": "application/json"}
_MiB = 1 << 20
router = APIRouter(prefix="/v1")


class Anything(BaseModel, extra="forbid"):
    """A body of any depth."""

    value: list[object]


@router.post("/body")
async def take(payload: Anything, _caller: Annotated[Caller, allow("codes:read")]) -> int:
    """Take a body."""
    return len(payload.value)


@router.post("/open")
async def take_from_anybody(payload: Anything) -> int:
    """Take a body without a token."""
    return len(payload.value)


@pytest_asyncio.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(
        small_service("schools", "JSON", router),
        settings=ServiceSettings.for_service("schools", jobs="off"),
    )
    async with running(app) as started:
        yield started


async def post(client: httpx.AsyncClient, body: bytes | str, **changes: str) -> httpx.Response:
    """Send a body with a token."""
    headers = ADMIN | _JSON | changes
    return await client.post("/v1/body", content=body, headers=headers)


BLINDING = "∢"  # holds the byte 0x22 in UTF-16
DEEP = "[" * 40 + "]" * 40
MANY = ",".join("1" * 60_000)
ENCODINGS = ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("inner", ["", f'"{BLINDING}",{DEEP}', f'"{BLINDING}",{MANY}', '"王"'])
@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8"])
async def test_other_encodings_are_refused_whatever_they_hold(
    client: httpx.AsyncClient, encoding: str, inner: str, kind: str
) -> None:
    body = f'{{"value": [{inner}]}}'.encode(encoding)
    answer = await post(client, body, **{"Content-Type": kind})
    assert status_and_code(answer) == (400, "platform.json_not_utf8")


@pytest.mark.parametrize(
    "body",
    [
        '{"value": ["王"]}'.encode("gb18030"),
        b'{"value": ["\xff"]}',
        b'{"value": ["\xed\xa0\x80"]}',  # half of a surrogate pair
        b'{"value": ["\xc0\xa2"]}',  # a quote, longer than need be
        b'{"value": ["\xe5\xad"]}',  # cut off
        b'{"value": ["\0"]}',
        b"\0" + b'{"value": []}',
    ],
)
async def test_bytes_that_are_no_utf_8_are_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await post(client, body)
    assert status_and_code(answer) == (400, "platform.json_not_utf8")
    assert "UTF-8" in answer.json()["detail"]


async def test_a_byte_order_mark_before_utf_8_is_ignored(client: httpx.AsyncClient) -> None:
    assert (await post(client, b'\xef\xbb\xbf{"value": [2]}')).json() == 1

    async def split() -> AsyncIterator[bytes]:
        for byte in b'\xef\xbb\xbf{"value": [1]}':
            yield bytes([byte])

    answer = await client.post("/v1/body", content=split(), headers=ADMIN | _JSON)
    assert (answer.status_code, answer.json()) == (200, 1)


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ("; charset=utf-8", 200),
        ('; version=1; charset="UTF-8"', 200),
        (";charset=utf-16", 415),
        ("; charset=gb18030", 415),
        ("; CHARSET = latin-1", 415),
        ("; charset*=utf-8''utf-16", 415),
        ("; charset=utf-8; charset=utf-16le", 415),
        ("; charset=", 415),
    ],
)
async def test_only_utf_8_may_be_announced(
    client: httpx.AsyncClient, parameters: str, status: int
) -> None:
    answer = await post(
        client, b'{"value": []}', **{"Content-Type": f"application/json{parameters}"}
    )
    assert answer.status_code == status
    if status == 415:
        assert answer.json()["code"] == "platform.unsupported_charset"


async def test_a_long_content_type_is_read(client: httpx.AsyncClient) -> None:
    kind = "application/json" + '; a="' * 10_000
    assert (await post(client, b'{"value": []}', **{"Content-Type": kind})).status_code == 200


@given(st.text())
def test_utf_8_is_recognised(text: str) -> None:
    body = json.dumps(text.replace("\0", ""), ensure_ascii=False)
    assert is_utf8(body.encode("utf-8", "replace"))
    for encoding in ENCODINGS:
        assert not is_utf8(body.encode(encoding, "replace"))


async def test_who_has_no_token_is_refused_before_the_body_is_read(
    client: httpx.AsyncClient,
) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b" " * 1000

    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Idempotency-Key": "k"}):
        answer = await client.post("/v1/body", content=body(), headers=_JSON | headers)
        assert status_and_code(answer) == (401, "auth.invalid_token")
    assert read == 0


async def test_bodies_without_a_token_are_small(client: httpx.AsyncClient) -> None:
    limit = ServiceSettings.model_fields["max_open_body_bytes"].default
    body = json.dumps({"value": ["x" * (limit - 100)]})
    assert (await client.post("/v1/open", content=body, headers=_JSON)).status_code == 200
    answer = await client.post("/v1/open", content=body + " " * 100, headers=_JSON)
    assert status_and_code(answer) == (413, "platform.body_too_large")
    # A token does not make the route another one.
    answer = await client.post("/v1/open", content=body + " " * 100, headers=_JSON | ADMIN)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([0] * (OPEN.values + 1), "platform.json_too_long"),
        ([{f"k{n}": 0 for n in range(OPEN.names + 1)}], "platform.json_too_many_names"),
        ([[[[[[[[[]]]]]]]]], "platform.json_too_deep"),
    ],
)
async def test_bodies_without_a_token_are_simple(
    client: httpx.AsyncClient, value: list[object], code: str
) -> None:
    body = json.dumps({"value": value})
    assert status_and_code(await client.post("/v1/open", content=body, headers=_JSON)) == (
        400,
        code,
    )
    assert (await post(client, body)).status_code == 200


async def test_bodies_with_a_token_have_a_limit_too(client: httpx.AsyncClient) -> None:
    limit = ServiceSettings.model_fields["max_body_bytes"].default
    assert limit <= 4 * _MiB
    body = json.dumps({"value": ["x" * (limit - 100)]})
    assert (await post(client, body)).status_code == 200
    answer = await post(client, body + " " * 100)
    assert status_and_code(answer) == (413, "platform.body_too_large")


WORST = {
    "texts": '"",' * _MiB,
    "texts of a backslash": '"\\\\",' * (_MiB // 2),
    "texts of quotes": '"\\"\\"\\"",' * (_MiB // 4),
    "names": '"":0,' * (_MiB // 2),
    "lists": "[]," * _MiB,
    "lists without commas": "[]" * _MiB,
    "objects": "{}," * _MiB,
    "deep": "[" * _MiB,
    "deep objects": '{"":' * (_MiB // 2),
    "numbers": "0," * _MiB,
    "a long number": "9" * 3 * _MiB,
    "a long fraction": "0." + "9" * 3 * _MiB,
    "an open text": '"' + "\\a" * _MiB,
    "space": " " * 3 * _MiB,
    "commas": "," * 3 * _MiB,
    "colons": ":" * 3 * _MiB,
}


@pytest.mark.parametrize("inner", WORST)
@pytest.mark.parametrize("start", ['{"value": [', '{"value": [{"":', "", "["])
async def test_what_costs_most_is_refused(
    client: httpx.AsyncClient, inner: str, start: str
) -> None:
    answer = await post(client, start + WORST[inner])
    assert answer.status_code in (400, 422)


async def test_fields_that_nobody_knows_cost_little(client: httpx.AsyncClient) -> None:
    body = json.dumps({f"k{n}": 1 for n in range(USUAL.names + 1)} | {"value": []})
    assert status_and_code(await post(client, body)) == (400, "platform.json_too_many_names")
    assert str(USUAL.names) in (await post(client, body)).json()["detail"]


@pytest.mark.parametrize(
    ("depth", "status"),
    [(1, 200), (USUAL.depth - 1, 200), (USUAL.depth, 400), (49_000, 400)],
)
async def test_deep_json_is_refused(client: httpx.AsyncClient, depth: int, status: int) -> None:
    answer = await post(client, f'{{"value":{"[" * depth}{"]" * depth}}}')
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["code"] == "platform.json_too_deep"
        assert str(USUAL.depth) in answer.json()["detail"]


async def test_wide_json_and_brackets_in_text_are_fine(client: httpx.AsyncClient) -> None:
    value = [{"a": ["[[[[{{{{" * 10, '"[', "\\[", "\\"]}] * 1000
    assert (await post(client, json.dumps({"value": value}))).json() == 1000


async def test_multipart_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/body", files={"file": b"a,b"}, headers=ADMIN)
    assert status_and_code(answer) == (415, "platform.unsupported_media_type")


JSON = st.recursive(
    st.none() | st.integers() | st.text('[]{}"\\a,'),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('[]{}"\\a'), inner),
    max_leaves=30,
)


def depth_of(value: Any) -> int:
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


def counted(value: Any) -> tuple[int, int]:
    """Commas, and lists and objects."""
    if not isinstance(value, dict | list):
        return 0, 0
    inner = [counted(each) for each in (value.values() if isinstance(value, dict) else value)]
    commas, nests = map(sum, zip(*inner, strict=True)) if inner else (0, 0)
    return commas + max(len(value) - 1, 0), nests + 1


@given(JSON, st.integers(1, 12))
@settings(max_examples=500)
def test_length_is_measured_as_json_means_it(value: object, limit: int) -> None:
    commas, nests = counted(value)
    for body in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert is_too_long(body.encode(), limit) == (commas >= limit or nests > limit)


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON", "application/ndjson+json"]
)
async def test_values_without_end_are_refused_as_a_whole(
    client: httpx.AsyncClient, kind: str
) -> None:
    body = json.dumps({"value": [0] * (USUAL.values + 1)})
    answer = await post(client, body, **{"Content-Type": kind})
    assert status_and_code(answer) == (400, "platform.json_too_long")
    assert len(answer.json()["errors"]) == 0
    full = json.dumps({"value": [0] * USUAL.values})
    assert (await post(client, full, **{"Content-Type": kind})).json() == USUAL.values


def test_commas_in_texts_are_no_values() -> None:
    assert not is_too_long(json.dumps({"facts": "甲,乙," * USUAL.values + '"\\,'}).encode())
    assert is_too_long(b'[",",1,2]', limit=2)
    assert not is_too_long(b'[",",1,2]', limit=3)


@pytest.mark.parametrize(
    "unclosed", [b'"' + b'\\"' * 20_000, b'"' + b"\\a" * 20_000, b'"a' * 20_001]
)
async def test_a_text_without_an_end_keeps_nobody_busy(
    client: httpx.AsyncClient, unclosed: bytes
) -> None:
    body = unclosed + b"[" * 2 * USUAL.depth + b"," * 2 * USUAL.values
    before = time.monotonic()
    assert (await post(client, body)).status_code == 400
    assert time.monotonic() - before < 2


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
    try:
        check_names(text.encode())
    except JsonNameRepeated:
        assert lost
    else:
        assert not lost


@pytest.mark.parametrize(
    "body",
    ['{"value": [1], "value": [2]}', '{"value": [{"a": {"b": 1, "c": 2, "\\u0062": 3}}]}'],
)
async def test_a_name_that_is_repeated_is_refused(client: httpx.AsyncClient, body: str) -> None:
    assert status_and_code(await post(client, body)) == (400, "platform.json_name_repeated")


async def test_the_same_name_in_two_objects_is_not(client: httpx.AsyncClient) -> None:
    body = '{"value": [{"a": 1}, {"a": 1}, {"b": {"a": 1}}]}'
    answer = await post(client, body)
    assert (answer.status_code, answer.json()) == (200, 3)
