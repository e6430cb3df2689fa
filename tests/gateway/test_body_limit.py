"""Bodies over the limit: a problem that the sender gets to read, however it sends."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.core.settings import Settings
from tests.gateway.conftest import MAX_BODY, MAX_FILE
from tests.gateway.people import Headers, Platform, code_of
from tests.gateway.upstream import Upstream

MEGABYTE = b"x" * 1_000_000
HUGE = 200
CONTENT = "/schools/v1/imports/01890000-0000-7000-8000-000000000001/content"
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
CARRY_FILES = [("POST", "/schools/v1/imports", FORM), ("PUT", CONTENT, {})]


@pytest.fixture
def caller(platform: Platform) -> Headers:
    """Anybody with a token."""
    return platform.auditor


async def test_a_body_at_the_limit_passes(http: httpx.AsyncClient, caller: Headers) -> None:
    answer = await http.post("/schools/v1/x", content=b"x" * MAX_BODY, headers=caller)
    assert answer.json()["size"] == MAX_BODY


@pytest.mark.parametrize(("method", "path", "kind"), CARRY_FILES)
async def test_files_of_imports_may_be_larger(
    http: httpx.AsyncClient,
    caller: Headers,
    upstream: Upstream,
    method: str,
    path: str,
    kind: Headers,
) -> None:
    answer = await http.request(method, path, content=b"x" * MAX_FILE, headers=caller | kind)
    assert answer.json()["size"] == MAX_FILE
    upstream.requests.clear()
    answer = await http.request(method, path, content=b"x" * (MAX_FILE + 1), headers=caller | kind)
    assert (answer.status_code, code_of(answer)) == (413, "platform.body_too_large")
    assert upstream.requests == []


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", CONTENT, {}),
        ("PATCH", CONTENT, FORM),
        ("PUT", f"{CONTENT}/", {}),
        ("PUT", CONTENT.replace("/content", "%2Fx/content"), {}),
        ("PUT", CONTENT.replace("/content", "//content"), {}),
        ("PUT", CONTENT.replace("/v1/", "/v1//"), {}),
        ("PUT", CONTENT.upper().replace("/SCHOOLS/V1", "/schools/v1"), {}),
        ("PUT", f"{CONTENT};x=..", {}),
        ("PUT", CONTENT.replace("imports", "exports"), {}),
        ("PUT", "/schools/v1/imports", FORM),
        ("POST", "/schools/v1/imports:preview", {"Content-Type": "application/json"}),
        ("POST", "/schools/v1/imports%3Apreviews", FORM),
        ("POST", "/schools/v1/exports", FORM),
        ("POST", "/schools/v1/staff", FORM),
    ],
)
async def test_what_only_looks_like_a_file_may_not(
    http: httpx.AsyncClient,
    caller: Headers,
    upstream: Upstream,
    method: str,
    path: str,
    kind: Headers,
) -> None:
    upstream.requests.clear()
    url = httpx.URL(http.base_url, raw_path=path.encode())
    answer = await http.request(
        method, url, content=b"x" * (MAX_BODY + 1), headers=caller | kind | {"Idempotency-Key": "k"}
    )
    assert (answer.status_code, code_of(answer)) == (413, "platform.body_too_large")
    assert upstream.requests == []


async def test_an_encoded_address_of_a_file_is_one(
    http: httpx.AsyncClient, caller: Headers
) -> None:
    path = CONTENT.replace("imports", "%69mports").replace("/content", "%2Fcontent")
    url = httpx.URL(http.base_url, raw_path=path.encode())
    answer = await http.put(url, content=b"x" * MAX_FILE, headers=caller)
    assert answer.json()["size"] == MAX_FILE


@pytest.mark.parametrize("path", ["/v1/login", "/oauth/token", "/oauth/revoke"])
@pytest.mark.parametrize("has_token", [False, True])
async def test_bodies_before_a_token_are_small(
    http: httpx.AsyncClient, caller: Headers, path: str, has_token: bool
) -> None:
    headers = {"Content-Type": "application/json"} | (caller if has_token else {})
    answer = await http.post(path, content=b" " * (64 * 1024), headers=headers)
    assert answer.status_code in (400, 415, 422)
    answer = await http.post(path, content=b" " * (64 * 1024 + 1), headers=headers)
    assert (answer.status_code, code_of(answer)) == (413, "platform.body_too_large")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-32-be"])
async def test_a_login_in_another_encoding_is_refused(
    http: httpx.AsyncClient, encoding: str
) -> None:
    body = '{"username": "∢", "password": "∢"}'.encode(encoding)
    answer = await http.post(
        "/v1/login", content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, code_of(answer)) == (400, "platform.json_not_utf8")


async def test_fields_without_end_are_refused_before_a_token(http: httpx.AsyncClient) -> None:
    body = {f"k{n}": 1 for n in range(4000)}
    answer = await http.post("/v1/login", json=body)
    assert (answer.status_code, code_of(answer)) == (400, "platform.json_too_long")
    assert answer.json()["errors"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/accounts"),
        ("POST", "/v1/accounts:batch"),
        ("POST", "/v1/me/password"),
        ("POST", "/v1/clients"),
        ("PATCH", "/v1/accounts/somebody"),
        ("PUT", "/v1/accounts/somebody/roles"),
    ],
)
async def test_no_token_is_told_before_the_body_is_read(
    address: str, method: str, path: str
) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 4000000\r\nExpect: 100-continue\r\n\r\n{".encode()
    )
    answer = await asyncio.wait_for(reader.readuntil(b"}"), 10)
    assert answer.startswith(b"HTTP/1.1 401 ")
    writer.close()


async def test_what_opens_an_import_without_its_file_may_not(
    http: httpx.AsyncClient, caller: Headers
) -> None:
    answer = await http.post("/schools/v1/imports", content=b" " * (MAX_BODY + 1), headers=caller)
    assert (answer.status_code, code_of(answer)) == (413, "platform.body_too_large")


async def test_a_slow_upload_is_no_silence(
    http: httpx.AsyncClient, caller: Headers, app: FastAPI
) -> None:
    pause, chunks = 0.3, 8

    async def body() -> AsyncIterator[bytes]:
        for _ in range(chunks):
            await asyncio.sleep(pause)
            yield MEGABYTE[:1000]

    assert pause < app.state.resources[Settings].upstream_timeout < pause * chunks
    answer = await http.put(CONTENT, content=body(), headers=caller)
    assert (answer.status_code, answer.json()["size"]) == (200, 1000 * chunks)


async def test_an_announced_body_is_refused_unseen(
    http: httpx.AsyncClient, caller: Headers, upstream: Upstream
) -> None:
    upstream.requests.clear()
    answer = await http.post("/schools/v1/x", content=b"x" * (MAX_BODY + 1), headers=caller)
    assert answer.status_code == 413
    assert code_of(answer) == "platform.body_too_large"
    assert upstream.requests == []


async def test_an_unannounced_body_is_refused_when_it_is_too_long(
    http: httpx.AsyncClient, caller: Headers
) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield MEGABYTE

    answer = await http.post("/schools/v1/x", content=body(), headers=caller)
    assert answer.status_code == 413
    assert code_of(answer) == "platform.body_too_large"


def send_stubbornly(address: str, head: str, chunked: bool) -> bytes:
    """Send 200 MB without once looking for an answer, then read it."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(head.encode())
        frame = b"%x\r\n%s\r\n" % (len(MEGABYTE), MEGABYTE) if chunked else MEGABYTE
        for _ in range(HUGE):
            connection.sendall(frame)
        if chunked:
            connection.sendall(b"0\r\n\r\n")
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", ["/schools/v1/imports", "/v1/accounts", "/v1/login"])
async def test_whoever_keeps_sending_still_reads_the_answer(
    address: str, caller: Headers, path: str, chunked: bool
) -> None:
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {HUGE * len(MEGABYTE)}"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: {caller['Authorization']}\r\n{length}\r\n\r\n"
    )
    answer = await asyncio.to_thread(send_stubbornly, address, head, chunked)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answer
    assert b'"code":"platform.body_too_large"' in answer


@pytest.mark.parametrize("asks", ["Expect: 100-continue\r\n", ""])
@pytest.mark.parametrize(("path", "size"), [("/schools/v1/x", 2 * 10**8), (CONTENT, 10**10)])
async def test_whoever_announces_too_much_is_told_at_once(
    address: str, caller: Headers, path: str, size: int, asks: str
) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"PUT {path} HTTP/1.1\r\nHost: x\r\n{asks}"
        f"Authorization: {caller['Authorization']}\r\nContent-Length: {size}\r\n\r\n".encode()
    )
    answer = await asyncio.wait_for(reader.readuntil(b"}"), 5)
    assert answer.startswith(b"HTTP/1.1 413 ")
    writer.close()


async def test_no_token_is_told_before_the_size(http: httpx.AsyncClient) -> None:
    answer = await http.post("/schools/v1/x", content=b"x" * (MAX_BODY + 1))
    assert code_of(answer) == "auth.invalid_token"
