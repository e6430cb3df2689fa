"""One account asks for files and does not read them; everybody else goes on."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest

from client.accounts import Administrators, Login, bureau_logins, ensure_accounts, ensure_bureau
from client.api import JunhengClient
from deploy.local.runner import Platform
from deploy.local.secrets import BOOTSTRAP_PASSWORD, read_secret
from tests.schools.county import csv_of, person, school

OTHER = "620199"
ROWS = 20_000
_ADDRESS = "示例县镇中心区" + "县" * 180


@pytest.fixture(scope="module")
def other(platform: Platform) -> Login:
    """The administrator of another bureau."""
    password = read_secret(platform.options.secrets, BOOTSTRAP_PASSWORD)
    with JunhengClient(platform.options.url("gateway")) as client:
        administrators = Administrators.of(client, password)
        ensure_bureau(administrators.system, OTHER, "另一县教育局")
        logins = bureau_logins(OTHER, password)
        ensure_accounts(administrators, logins)
    return next(login for login in logins if login.role == "bureau_admin")


def header(gateway: str, login: Login) -> dict[str, str]:
    """The `Authorization` header of an account."""
    body = {"username": login.username, "password": login.password}
    answer = httpx.post(f"{gateway}/v1/login", json=body, trust_env=False)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def code(number: int) -> str:
    """A school code of these tests' own."""
    return f"21{number:08}"


@pytest.fixture(scope="module")
def filled(platform: Platform, login: Login, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """The first bureau with 20 MB of schools."""
    file = tmp_path_factory.mktemp("files") / "schools.csv"
    rows = [school(code(40_000_000 + n), address=_ADDRESS) for n in range(ROWS)]
    file.write_bytes(csv_of(rows))
    with JunhengClient(platform.options.url("gateway"), login.credentials) as client:
        assert client.import_file("schools", file).progress.created == ROWS
    return platform


@pytest.fixture
def unread(filled: Platform, login: Login) -> Iterator[None]:
    """Twelve files that the first bureau's administrator does not read."""
    headers = header(filled.options.url("gateway"), login)
    with ExitStack() as stack:
        for _ in range(12):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", filled.options.ports["gateway"]))
            connection.sendall(
                "GET /schools/v1/schools?format=ndjson HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: {headers['Authorization']}\r\n\r\n".encode()
            )
        time.sleep(3)
        yield


@pytest.mark.usefixtures("unread")
def test_who_does_not_read_keeps_nobody_waiting(platform: Platform, other: Login) -> None:
    gateway = platform.options.url("gateway")
    headers = header(gateway, other)
    with httpx.Client(base_url=gateway, headers=headers, timeout=60, trust_env=False) as http:

        def ok(method: str, path: str, **kwargs: Any) -> Any:
            """The answer to a request that is sent once and must succeed."""
            key = {"Idempotency-Key": uuid4().hex}
            answer = http.request(method, path, headers=key, **kwargs)
            assert answer.is_success, answer.text
            return answer

        ok("POST", "/schools/v1/schools", json=school(code(50_000_000)))
        assert len(ok("GET", "/schools/v1/schools").json()["data"]) == 1
        assert ok("GET", "/schools/v1/schools?format=csv").text.count("\n") == 2
        job = ok("POST", "/schools/v1/imports", json={"resource": "staff"}).json()
        path = f"/schools/v1/imports/{job['id']}"
        people = [person(f"T{n}", code(50_000_000), n) for n in range(3)]
        ok("PUT", f"{path}/content", content=csv_of(people))
        ended = ok("GET", f"{path}?wait=30").json()
        assert (ended["state"], ended["progress"]["created"]) == ("completed", 3)
        cycle = ok("POST", "/appraisal/v1/cycles", json={"year": 2025}).json()
        opened = ok("POST", f"/appraisal/v1/cycles/{cycle['id']}:open").json()
        assert (opened["state"], opened["participants"]) == ("open", 3)
