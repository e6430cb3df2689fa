"""Every POST of a test is sent twice: what the document promises of the second holds."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from fastapi import FastAPI

from services.chassis.queue.jobs import enqueue_on
from tests.support.exporting import begin
from tests.support.importing import open_import, send
from tests.support.tokens import bearer

HEADER = "Idempotency-Key"
# These are done again, and their documents do not offer the header.
DONE_AGAIN = {
    "/v1/links": "each link works once, and nothing keeps its secret",
    "/v1/names": "it reads",
    "/v1/login": "whoever logs in again has another session; nothing keeps a token",
    "/oauth/token": "a refresh token is good for one exchange, and a client's for itself",
    "/oauth/revoke": "what is revoked stays so",
    "/v1/staff:search": "it reads; what it shows is kept nowhere",
    "/v1/staff/{staff_id}:reveal": "it reads; what it shows is kept nowhere, each look is audited",
    "/v1/id-number-reports/{report_id}:reveal": "it reads; each look is audited",
    "/v1/imports:preview": "it reads; of the file nothing is kept",
}
# Their answer is the job, which has got on meanwhile.
JOBS = {"/v1/imports", "/v1/exports"}
_AUDITOR = bearer("auditor", bureau=None, name="auditor")
_ADMIN = bearer("system_admin", bureau=None)
_REPEATED = "repeated"


class Repeats:
    """Sends again what was done, and compares.

    Attributes:
        documented: paths of the POSTs in the service's document.
        done: those that were sent twice.
    """

    def __init__(self, app: FastAPI, client: httpx.AsyncClient) -> None:
        paths = app.openapi()["paths"]
        self._client = client
        self._posts: dict[str, Any] = {
            path: item["post"] for path, item in paths.items() if "post" in item
        }
        self.documented, self.done = set(self._posts), set[str]()

    async def prepare(self, request: httpx.Request) -> None:
        """Hold the body, and give every POST a key."""
        if request.method == "POST":
            request.headers.setdefault(HEADER, uuid4().hex)
            await request.aread()

    async def repeat(self, response: httpx.Response) -> None:
        """Send a POST that was done again, the same in everything."""
        request = response.request
        if request.method != "POST" or response.is_error or _REPEATED in request.extensions:
            return
        await response.aread()
        again = await self._client.send(
            self._client.build_request(
                "POST",
                request.url,
                headers=request.headers,
                content=request.content,
                extensions={_REPEATED: True},
            )
        )
        path = self._path_of(request.url.path)
        self._check(path, response, again)
        self.done.add(path)

    def _path_of(self, address: str) -> str:
        (path,) = [
            path
            for path in self._posts
            if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/:]+", re.escape(path)), address)
        ]
        return path

    def _check(self, path: str, first: httpx.Response, again: httpx.Response) -> None:
        names = [one["name"] for one in self._posts[path].get("parameters", [])]
        is_replayed = again.headers.get("idempotent-replayed") == "true"
        if HEADER not in names:
            assert path in DONE_AGAIN, f"{path} neither offers {HEADER} nor says why"
            assert not is_replayed, path
            return
        assert path not in DONE_AGAIN, path
        assert is_replayed, f"{path} was done again: {again.text}"
        assert again.status_code == first.status_code, path
        if path in JOBS:
            assert again.json()["id"] == first.json()["id"], path
            return
        assert again.content == first.content, path
        for name in ("content-type", "etag", "location", "cache-control", "retry-after"):
            assert again.headers.get(name) == first.headers.get(name), (path, name)


@contextmanager
def repeating(app: FastAPI, client: httpx.AsyncClient) -> Iterator[Repeats]:
    """Repeat every POST of `client`; in the end none of the document may be left out."""
    repeats = Repeats(app, client)
    before, after = client.event_hooks["request"], client.event_hooks["response"]
    client.event_hooks = {
        "request": [*before, repeats.prepare],
        "response": [*after, repeats.repeat],
    }
    try:
        yield repeats
    finally:
        client.event_hooks = {"request": before, "response": after}
    assert repeats.documented == repeats.done


async def post_what_all_have(
    client: httpx.AsyncClient,
    headers: dict[str, str],
    resource: str,
    content: str,
    **options: Any,
) -> None:
    """The POSTs of the chassis: imports, exports, the audit trail."""
    ok(await client.post("/v1/audit:verify", headers=_AUDITOR))
    preview = {"resource": resource, "within": json.dumps(options.get("within", {}))}
    file = {"file": ("rows.csv", content.encode())}
    ok(await client.post("/v1/imports:preview", headers=headers, files=file, data=preview))
    tried = await send(client, headers, resource, content, dry_run=True, **options)
    ok(await client.post(f"/v1/imports/{tried['id']}:commit", headers=headers))
    opened = ok(await open_import(client, headers, resource, **options))
    ok(await client.post(f"/v1/imports/{opened['id']}:cancel", headers=headers))
    is_cancelled = False
    while not is_cancelled:  # unless the worker was faster
        export = ok(await begin(client, headers, resource, **options))
        answer = await client.post(f"/v1/exports/{export['id']}:cancel", headers=headers)
        is_cancelled = answer.is_success


async def replay_a_parked_job(
    client: httpx.AsyncClient, admin: "asyncpg.Connection[asyncpg.Record]", schema: str
) -> None:
    """Park a job that nobody handles, and replay it."""
    await enqueue_on(admin, schema, "test.parked", {})
    of_test = "where entrypoint = 'test.parked'"
    parked = f"update {schema}.pgqueuer set status = 'failed' {of_test} returning id"
    job = await admin.fetchval(parked)
    ok(await client.post(f"/v1/jobs/{job}:replay", headers=_ADMIN))
    await admin.execute(f"delete from {schema}.pgqueuer {of_test}")


def ok(answer: httpx.Response) -> Any:
    """What an answer says, which must be a success."""
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None
