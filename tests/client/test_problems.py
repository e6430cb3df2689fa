"""Refusals become exceptions with code, detail and faults."""

from pathlib import Path

import httpx
import pytest

from client.api import JunhengClient
from client.problems import Problem
from tests.client.fake import FakePlatform, problem


def test_a_problem_has_code_detail_and_all_faults(
    platform: FakePlatform, client: JunhengClient
) -> None:
    faults = [
        {
            "pointer": "/rows/3/id_number",
            "code": "id_number.checksum",
            "message": "Check digit is wrong",
            "params": {"row": 3},
        },
        {"pointer": "/name", "code": "missing", "message": "Required", "params": {}},
    ]
    platform.on("GET", "/x", problem(422, "platform.invalid", errors=faults))
    with pytest.raises(Problem) as raised:
        client.get("/x")
    found = raised.value
    assert (found.status, found.code, found.detail) == (422, "platform.invalid", "Because.")
    assert found.request_id == "r-1"
    assert [(one.row, one.field_name, one.code) for one in found.faults] == [
        (3, "id_number", "id_number.checksum"),
        (None, "name", "missing"),
    ]


@pytest.mark.parametrize("content", [b"<html>no gateway</html>", b"[1]", b""])
def test_an_error_without_problem_details_keeps_its_status(
    platform: FakePlatform, client: JunhengClient, content: bytes
) -> None:
    platform.on("GET", "/x", httpx.Response(418, content=content))
    with pytest.raises(Problem) as raised:
        client.get("/x")
    assert (raised.value.status, raised.value.code) == (418, "http.418")


def test_a_refused_stream_creates_no_file(
    platform: FakePlatform, client: JunhengClient, tmp_path: Path
) -> None:
    file = tmp_path / "staff.csv"
    platform.on("GET", "/staff", problem(403, "auth.missing_scope"))
    with pytest.raises(Problem, match=r"auth\.missing_scope"):
        client.export("/staff", file)
    assert list(file.parent.iterdir()) == []


def test_the_language_is_requested(platform: FakePlatform) -> None:
    platform.on("GET", "/x", problem(404))
    with platform.client(language="zh-CN") as client, pytest.raises(Problem):
        client.get("/x")
    assert platform.requests[0].headers["Accept-Language"] == "zh-CN"


@pytest.mark.parametrize("address", ["", "gateway:8700", "ftp://gateway", "http://"])
def test_an_invalid_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="HTTP address"):
        JunhengClient(address)
