"""Requests passed on: unchanged, streamed both ways, without what belongs to one connection."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.gateway.people import Headers, Platform, code_of
from tests.gateway.serving import exchange
from tests.gateway.upstream import BIG_CHUNKS, CHUNK, Upstream


@pytest.fixture
def caller(platform: Platform) -> Headers:
    """Anybody with a token: the gateway asks for no scope."""
    return platform.auditor


def shown(answer: httpx.Response) -> dict[str, Any]:
    """What the service saw."""
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    document["headers"] = dict(document["headers"])
    return document


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.mark.quick("gateway.proxy")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_method_path_query_and_body_arrive_as_sent(
    http: httpx.AsyncClient, caller: Headers, method: str
) -> None:
    body = b"" if method in ("GET", "OPTIONS") else b'{"a": 1}'
    path = "/schools/v1/staff/by-key/%E5%BC%A0%20%2F%00?q=%E6%9D%8E&fields=a,b&x=[1]"
    seen = shown(await http.request(method, path, content=body, headers=caller))
    assert seen["method"] == method
    assert f"/schools{seen['path']}?{seen['query']}".startswith(path.replace("[1]", ""))
    assert seen["size"] == len(body)
    assert seen["headers"]["authorization"] == caller["Authorization"]


async def test_a_head_request_has_no_body(http: httpx.AsyncClient, caller: Headers) -> None:
    answer = await http.head("/schools/v1/show", headers=caller)
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 0
    assert answer.content == b""


async def test_an_empty_answer_stays_empty(http: httpx.AsyncClient, caller: Headers) -> None:
    answer = await http.get("/schools/v1/nothing", headers=caller)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "transfer-encoding" not in answer.headers


async def test_bodies_pass_with_and_without_a_length(
    http: httpx.AsyncClient, caller: Headers
) -> None:
    body = CHUNK * 8
    for content in (body, pieces(*(CHUNK for _ in range(8)))):
        seen = shown(await http.post("/schools/v1/x", content=content, headers=caller))
        assert seen["sha256"] == hashlib.sha256(body).hexdigest()
    sent = shown(await http.post("/schools/v1/x", content=body, headers=caller))
    assert sent["headers"]["content-length"] == str(len(body))


async def test_both_directions_stream_at_once(address: str, caller: Headers) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST /schools/v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        f"Authorization: {caller['Authorization']}\r\n\r\n5\r\nfirst\r\n".encode()
    )
    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n5\r\nfirst\r\n"), 5)
    writer.write(b"6\r\nsecond\r\n0\r\n\r\n")
    rest = await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), 5)
    assert rest == b"6\r\nsecond\r\n0\r\n\r\n"
    writer.close()


async def test_long_answers_are_whole(http: httpx.AsyncClient, caller: Headers) -> None:
    digest, size = hashlib.sha256(), 0
    async with http.stream("GET", "/schools/v1/big", headers=caller) as answer:
        async for chunk in answer.aiter_raw():
            digest.update(chunk)
            size += len(chunk)
    assert size == BIG_CHUNKS * len(CHUNK)
    assert digest.hexdigest() == hashlib.sha256(CHUNK * BIG_CHUNKS).hexdigest()


async def test_compressed_answers_are_left_alone(address: str, caller: Headers) -> None:
    request = (
        f"GET /schools/v1/zipped HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"Authorization: {caller['Authorization']}\r\n\r\n"
    )
    answer = await exchange(address, request.encode())
    assert answer.endswith(b"\x1f\x8b not really")
    assert b"content-encoding: gzip" in answer


async def test_headers_of_one_connection_do_not_pass(address: str, caller: Headers) -> None:
    request = (
        f"GET /schools/v1/show HTTP/1.1\r\nHost: junheng.example\r\n"
        f"Authorization: {caller['Authorization']}\r\n"
        "Connection: close, X-Private\r\nX-Private: 1\r\nKeep-Alive: 300\r\nTE: trailers\r\n"
        "Proxy-Authorization: Basic x\r\nUpgrade: websocket\r\nX-Public: \xe5\xad\xa6\r\n"
        "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nForwarded: for=6.6.6.6\r\n"
        "X-Real-IP: 6.6.6.6\r\nX-Forwarded-Evil: 1\r\nX-Request-Id: my-own-id-1\r\n"
        "Accept-Language: en\r\n\r\n"
    )
    answer = await exchange(address, request.encode("latin-1"))
    head, _, body = answer.partition(b"\r\n\r\n")
    seen = dict(httpx.Response(200, content=body).json()["headers"])
    assert b"x-request-id: my-own-id-1" in head.lower()
    assert seen["x-request-id"] == "my-own-id-1"
    assert seen["x-public"] == "\xe5\xad\xa6"
    assert seen["accept-language"] == "en"
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-proto"] == "http"
    assert seen["x-forwarded-host"] == "junheng.example"
    assert seen["x-forwarded-prefix"] == "/schools"
    dropped = {
        "x-private", "keep-alive", "te", "proxy-authorization", "upgrade", "forwarded",
        "x-real-ip", "x-forwarded-evil",
    }  # fmt: skip
    assert not dropped & seen.keys()
    assert "6.6.6.6" not in str(seen)


async def test_headers_of_the_services_connection_do_not_return(
    http: httpx.AsyncClient, caller: Headers
) -> None:
    answer = await http.get("/schools/v1/hop", headers=caller)
    assert not {"x-private", "keep-alive", "connection"} & answer.headers.keys()
    assert answer.headers["x-request-id"] != "not-the-gateways"
    assert len(answer.headers.get_list("date")) == 1
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    public = next(value for name, value in answer.headers.raw if name.lower() == b"x-public")
    assert public.decode() == "学校"


async def test_a_request_id_is_made_when_there_is_none(
    http: httpx.AsyncClient, caller: Headers
) -> None:
    for given in (None, "short", "bad id with spaces!", "x" * 65):
        headers = caller | ({"X-Request-Id": given} if given else {})
        answer = await http.get("/schools/v1/show", headers=headers)
        assert shown(answer)["headers"]["x-request-id"] == answer.headers["x-request-id"] != given


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere/v1/x", "/schools", "/schools/", "/schools/v1", "/schools/livez",
        "/schools/metrics", "/schools/openapi.json", "/schools/v2/x", "/schools/v1/clock",
        "/schools/v1%2Fclock", "/schools/v1/clock/", "/schools/v1/clock%0A", "/%73chools/v1/x",
        "/schools//v1/x", "/schoolsx/v1/x",
    ],
)  # fmt: skip
async def test_nothing_else_is_passed_on(
    http: httpx.AsyncClient, caller: Headers, upstream: Upstream, path: str
) -> None:
    upstream.requests.clear()
    answer = await http.get(httpx.URL(http.base_url, raw_path=path.encode()), headers=caller)
    assert answer.status_code == 404
    assert code_of(answer) == "platform.not_found"
    assert upstream.requests == []


@pytest.mark.parametrize("segment", ["..", ".", "%2e%2e", "%2E.", "x/../../metrics"])
async def test_dot_segments_are_refused(
    address: str, caller: Headers, upstream: Upstream, segment: str
) -> None:
    upstream.requests.clear()
    request = (
        f"GET /schools/v1/{segment} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"Authorization: {caller['Authorization']}\r\n\r\n"
    )
    answer = await exchange(address, request.encode())
    assert answer.startswith(b"HTTP/1.1 400")
    assert b'"code":"gateway.path_refused"' in answer
    assert upstream.requests == []


async def test_what_is_no_http_is_a_problem_too(address: str) -> None:
    for request in (b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", b"nonsense\r\n\r\n"):
        answer = await exchange(address, request)
        assert answer.startswith(b"HTTP/1.1 400")
        assert b"application/problem+json" in answer
        assert b'"code":"platform.bad_request"' in answer


async def test_requests_are_counted_by_template(http: httpx.AsyncClient, caller: Headers) -> None:
    await http.get("/schools/v1/staff/secret-number", headers=caller)
    metrics = (await http.get("/metrics")).text
    assert 'route="/schools/…"' in metrics
    assert "secret-number" not in metrics
