"""A request whose process is killed, sent again with its key: done exactly once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy.local import ports
from deploy.local.process import Child
from tests.schools.county import County, school
from tests.support.forked import start
from tests.support.tokens import bearer
from tests.support.trusting import environment


@asynccontextmanager
async def registry(port: int) -> AsyncIterator[Child]:
    """A process of the registry on this worker's database, until it is ended."""
    process = start(environment(port), "tests.chassis.dying_process", "schools")
    try:
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(60):
            while True:
                try:
                    await client.get(f"http://127.0.0.1:{port}/livez")
                    break
                except httpx.TransportError:
                    assert process.poll() is None, "it does not start"
                    await asyncio.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(("when", "replayed"), [("uncommitted", None), ("unanswered", "true")])
@pytest.mark.parametrize("many", [False, True], ids=["one", "batch"])
async def test_whatever_had_happened_it_is_done_once(
    bureau: str,
    admin: "asyncpg.Connection[asyncpg.Record]",
    when: str,
    replayed: str | None,
    many: bool,
) -> None:
    path = "/v1/schools:batch" if many else "/v1/schools"
    headers = bearer("bureau_admin", bureau=bureau) | {"Idempotency-Key": uuid4().hex}
    port = ports.find_free()
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        county = County(client, bureau)
        schools = [school(county.one), school(county.two)]
        body: dict[str, Any] = {"items": schools} if many else schools[0]
        async with registry(port) as process:
            with pytest.raises(httpx.TransportError):
                await client.post(path, json=body, headers=headers | {"X-Dies": when})
            assert process.wait() == -9
        stored = "select count(*) from schools.school where bureau_code = $1"
        expected = len(schools) if many else 1
        assert await admin.fetchval(stored, bureau) == (expected if replayed else 0)
        async with registry(port):
            answers = [await client.post(path, json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert answers[0].headers.get("idempotent-replayed") == replayed
    assert await admin.fetchval(stored, bureau) == expected
