import asyncio
import errno
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.chassis.core.text import negotiate
from tests.chassis.probe import probe
from tests.support.running import running
from tests.support.tokens import bearer

HEADERS = bearer("auditor", bureau=None)


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = probe(pool_size=2, acquire_timeout=0.3, statement_timeout_ms=1500, max_body_bytes=2048)
    async with running(app) as client:
        yield client


async def chunks() -> AsyncIterator[bytes]:
    """A body whose length is not announced."""
    for _ in range(10):
        yield b'{"text": "' + b"x" * 1000


CASES: dict[str, tuple[str, str, dict[str, Any], int, str]] = {
    "no such path": ("GET", "/v1/nothing", {}, 404, "platform.not_found"),
    "a slash too many": ("GET", "/v1/connection/", {}, 404, "platform.not_found"),
    "another method": ("DELETE", "/v1/connection", {}, 405, "platform.method_not_allowed"),
    "too large": ("POST", "/v1/body", {"content": b"x" * 3000}, 413, "platform.body_too_large"),
    "too large, unannounced": (
        "POST", "/v1/body", {"content": chunks}, 413, "platform.body_too_large",
    ),
    "not JSON": (
        "POST", "/v1/body",
        {"content": b'{"number": ', "headers": {"Content-Type": "application/json"}},
        400, "platform.bad_request",
    ),
    "not UTF-8": (
        "POST", "/v1/body",
        {"content": b'{"text": "\xff"}', "headers": {"Content-Type": "application/json"}},
        400, "platform.json_not_utf8",
    ),
    "nested too deeply": (
        "POST", "/v1/body",
        {"content": b"[" * 2000, "headers": {"Content-Type": "application/json"}},
        400, "platform.json_too_deep",
    ),
    "nothing": ("POST", "/v1/body", {}, 422, "platform.invalid"),
    "a list": ("POST", "/v1/body", {"json": [1]}, 422, "platform.invalid"),
    "two faults": (
        "POST", "/v1/body", {"json": {"number": 0, "more": 1}}, 422, "platform.invalid",
    ),
    "a crash": ("GET", "/v1/crash", {}, 500, "platform.internal_error"),
    "a query that takes too long": (
        "GET", "/v1/connection?seconds=5", {}, 503, "platform.statement_timeout",
    ),
    "an ORM query that takes too long": (
        "GET", "/v1/session?seconds=5", {}, 503, "platform.statement_timeout",
    ),
    "a commit that fails": ("POST", "/v1/connection", {}, 409, "platform.conflict"),
    "an ORM commit that fails": ("POST", "/v1/session", {}, 409, "platform.conflict"),
    "a full database": ("POST", "/v1/full-connection", {}, 507, "platform.storage_full"),
    "a database full to the ORM": ("POST", "/v1/full-session", {}, 507, "platform.storage_full"),
    "a database full to a task": ("POST", "/v1/full-group", {}, 507, "platform.storage_full"),
    "a full folder": ("POST", "/v1/full-folder", {}, 507, "platform.storage_full"),
    "a quota": (
        "POST", f"/v1/full-folder?number={errno.EDQUOT}", {}, 507, "platform.storage_full",
    ),
    "a file as long as it may be": (
        "POST", f"/v1/full-folder?number={errno.EFBIG}", {}, 507, "platform.storage_full",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_error_is_a_problem(
    client: httpx.AsyncClient, case: str, language: str
) -> None:
    method, path, given, status, code = CASES[case]
    sent = dict(given)
    if callable(sent.get("content")):
        sent["content"] = sent["content"]()
    headers = HEADERS | sent.pop("headers", {}) | {"Accept-Language": language}
    answer = await client.request(method, path, headers=headers, **sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == language
    problem = answer.json()
    fields = ("type", "title", "status", "detail", "instance", "code", "request_id", "errors")
    assert tuple(problem) == fields
    assert problem["type"] == f"urn:junheng:{code}"
    assert problem["status"] == status
    assert problem["instance"] == path.partition("?")[0]
    assert problem["request_id"] == answer.headers["x-request-id"]
    is_chinese = any("\u4e00" <= c <= "\u9fff" for c in problem["title"] + problem["detail"])
    assert is_chinese == (language == "zh-CN")
    for secret in ("hunter2", "Traceback", "RuntimeError", "asyncpg", "select", ".py"):
        assert secret not in answer.text
    if status == 503:
        assert int(answer.headers["retry-after"]) >= 1
    if status == 405:
        assert "GET" in answer.headers["allow"]


async def test_every_fault_is_named_at_once(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/body", json={"number": 0, "more": 1}, headers=HEADERS)
    assert [(f["pointer"], f["code"]) for f in answer.json()["errors"]] == [
        ("/number", "greater_than_equal"),
        ("/more", "extra_forbidden"),
    ]


@pytest.mark.parametrize("way", ["connection", "session"])
async def test_without_a_free_connection_it_is_503_and_then_works(
    client: httpx.AsyncClient, way: str
) -> None:
    slow = [
        asyncio.create_task(client.get(f"/v1/{way}?seconds=0.8", headers=HEADERS)) for _ in range(2)
    ]
    await asyncio.sleep(0.2)
    refused = await client.get(f"/v1/{way}", headers=HEADERS)
    assert (refused.status_code, refused.json()["code"]) == (503, "platform.overloaded")
    assert int(refused.headers["retry-after"]) >= 1
    assert [(await task).status_code for task in slow] == [200, 200]
    assert (await client.get(f"/v1/{way}", headers=HEADERS)).status_code == 200


async def test_a_request_id_is_kept_when_it_is_harmless(client: httpx.AsyncClient) -> None:
    for given, kept in (
        ("a1b2c3d4-e5f6", True), ("short", False), ("x" * 65, False), ("../../etc", False),
        ("<script>alert(1)</script>", False),
    ):  # fmt: skip
        answer = await client.get("/v1/nothing", headers={"X-Request-Id": given})
        assert (answer.headers["x-request-id"] == given) is kept
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_answers_are_neither_cached_nor_sniffed(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/connection", headers=HEADERS)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_metrics_name_routes_and_never_ids(client: httpx.AsyncClient) -> None:
    await client.get("/v1/connection?seconds=0", headers=HEADERS)
    await client.get("/v1/unknown-620123199001010016", headers=HEADERS)
    text = (await client.get("/metrics")).text
    assert 'route="/v1/connection"' in text
    assert "620123199001010016" not in text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh-CN"), ("", "zh-CN"), ("en", "en"), ("en-GB,en;q=0.9", "en"), ("zh", "zh-CN"),
        ("fr, en;q=0.5", "en"), ("en;q=0.2, zh;q=0.8", "zh-CN"), ("fr", "zh-CN"),
        ("en;q=x, zh", "zh-CN"), ("*", "zh-CN"), ("zh-TW;q=0.9,en;q=1.0", "en"), (";;;", "zh-CN"),
    ],
)  # fmt: skip
def test_the_language_is_negotiated(header: str | None, language: str) -> None:
    assert negotiate(header) == language
