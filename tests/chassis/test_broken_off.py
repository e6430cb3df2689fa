"""Requests whose sender left in the midst of them are not carried out."""

from typing import Any

import pytest

from services.schools.main import app
from tests.support.running import running
from tests.support.tokens import bearer


@pytest.mark.parametrize("key", ["k", None])
async def test_half_a_body_is_no_request(bureau: str, key: str | None) -> None:
    """What has arrived may make sense by itself: some bodies can be left out."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"", "more_body": True},
        {"type": "http.disconnect"},
    ]
    headers = bearer("auditor", bureau=None)
    if key:
        headers["Idempotency-Key"] = f"{bureau}{key}"
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/v1/audit:verify", "raw_path": b"/v1/audit:verify", "query_string": b"",
        "root_path": "", "server": ("test", 80), "client": ("127.0.0.1", 1),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    async with running(app):
        await app(scope, receive, send)
    assert [one["status"] for one in sent if "status" in one] in ([], [400])
