"""Paging through lists, and streaming of exports."""

import json
from pathlib import Path

import httpx
import pytest

from client.api import JunhengClient
from client.problems import Unreachable
from tests.client.fake import FakePlatform, answer, page


def test_all_pages_are_read_with_the_same_filters(
    platform: FakePlatform, client: JunhengClient
) -> None:
    platform.on("GET", "/schools", page([{"n": 1}, {"n": 2}], "c1"), page([{"n": 3}]))
    found = [row["n"] for row in client.iterate("/schools", status=["active", "closed"], q=None)]
    assert found == [1, 2, 3]
    first, second = (request.url.params for request in platform.requests)
    assert first.get_list("status") == second.get_list("status") == ["active", "closed"]
    assert "q" not in first
    assert "cursor" not in first
    assert second["cursor"] == "c1"
    assert first["limit"] == "1000"


def test_pages_are_fetched_only_when_needed(platform: FakePlatform, client: JunhengClient) -> None:
    platform.on("GET", "/schools", page([{"n": 1}], "c1"), page([{"n": 2}]))
    rows = client.iterate("/schools")
    next(rows)
    assert len(platform.requests) == 1


def test_a_count_requests_the_exact_total(platform: FakePlatform, client: JunhengClient) -> None:
    body = {"data": [{}], "next_cursor": "c", "total": 4200}
    platform.on("GET", "/staff", answer(body))
    assert client.count("/staff", status="active") == 4200
    assert dict(platform.requests[0].url.params) == {
        "status": "active",
        "limit": "1",
        "total": "exact",
    }


def test_a_query_in_the_path_is_kept(platform: FakePlatform, client: JunhengClient) -> None:
    platform.on("GET", "/staff", page([]))
    client.get("/staff?limit=5&sort=-name")
    assert dict(platform.requests[0].url.params) == {"limit": "5", "sort": "-name"}


def test_an_export_is_saved_as_a_file(
    platform: FakePlatform, client: JunhengClient, tmp_path: Path
) -> None:
    platform.on("GET", "/staff", httpx.Response(200, content="工号\n1\n".encode()))
    size = client.export("/staff", tmp_path / "staff.csv", school_code="2162000001")
    assert (tmp_path / "staff.csv").read_text("utf-8") == "工号\n1\n"
    assert size == len("工号\n1\n".encode())
    assert dict(platform.requests[0].url.params) == {
        "school_code": "2162000001",
        "format": "csv",
    }


def test_a_broken_export_keeps_the_old_file(
    platform: FakePlatform, client: JunhengClient, tmp_path: Path
) -> None:
    class Breaking(httpx.SyncByteStream):
        def __iter__(self) -> "object":  # type: ignore[override]
            yield b"half"
            raise httpx.ReadError("gone")

    platform.on("GET", "/staff", lambda _: httpx.Response(200, stream=Breaking()))
    file = tmp_path / "staff.csv"
    file.write_text("whole")
    with pytest.raises(Unreachable, match="gone"):
        client.export("/staff", file)
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"staff.csv": "whole"}


def test_writes_send_json(platform: FakePlatform, client: JunhengClient) -> None:
    for method in ("POST", "PUT", "PATCH"):
        platform.on(method, "/x", answer({"ok": method}))
    platform.on("DELETE", "/x", httpx.Response(204))
    assert client.post("/x", {"名": 1}) == {"ok": "POST"}
    assert client.put("/x", {"b": 2}) == {"ok": "PUT"}
    assert client.patch("/x", {"c": 3}) == {"ok": "PATCH"}
    client.delete("/x")
    bodies = [json.loads(one.content) for one in platform.requests[:3]]
    assert bodies == [{"名": 1}, {"b": 2}, {"c": 3}]
