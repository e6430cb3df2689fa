"""Lists exported by a service as jobs, and what comes of them."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx

Job = dict[str, Any]


async def begin(
    client: httpx.AsyncClient, headers: Mapping[str, str], resource: str, **options: Any
) -> httpx.Response:
    """Ask for an export, as CSV unless the options say otherwise."""
    return await client.post(
        "/v1/exports",
        headers={"Idempotency-Key": uuid4().hex, **headers},
        json={"resource": resource, "format": "csv", **options},
    )


async def export(
    client: httpx.AsyncClient, headers: Mapping[str, str], resource: str, **options: Any
) -> Job:
    """Export a list and wait for the end."""
    answer = await begin(client, headers, resource, **options)
    assert answer.status_code == 202, answer.text
    return await ended(client, headers, answer.json())


async def ended(client: httpx.AsyncClient, headers: Mapping[str, str], job: Job) -> Job:
    """The export, once it has ended."""
    while job["state"] in ("queued", "running"):
        answer = await client.get(f"/v1/exports/{job['id']}", params={"wait": 20}, headers=headers)
        assert answer.status_code == 200, answer.text
        job = answer.json()
    return job


async def content(
    client: httpx.AsyncClient, headers: Mapping[str, str], job: Job, **more: str
) -> httpx.Response:
    """The file of an export."""
    return await client.get(f"/v1/exports/{job['id']}/content", headers={**headers, **more})
