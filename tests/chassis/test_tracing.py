"""Traces: one from request to SQL and job, to other processes by W3C headers; none unless asked."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import httpx
import orjson
import pytest
import pytest_asyncio
from fastapi import APIRouter
from fastapi.telemetry._asgi import NativeTelemetry
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import text

from gateway.proxy.headers import request_headers
from services.chassis.core.telemetry import OpenTelemetry, exporting_to
from services.chassis.core.tracing import Kind, activate, span, trace_headers
from services.chassis.database.db import Connection, Session
from services.chassis.peers.http_client import HttpClient
from services.chassis.queue.jobs import enqueue
from services.chassis.runtime.app import create_app
from tests.chassis.jobs_world import SCHEMA, JobsWorld
from tests.support.running import running
from tests.support.services import small_service
from tests.support.tokens import bearer

ADMIN = bearer("bureau_admin", bureau="999999")
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
router = APIRouter(prefix="/v1")


@router.get("/sql/{secret}")
async def ask_sql(secret: str, connection: Connection) -> int:
    """Ask the database by the short way."""
    return len(await connection.fetch("select * from clock where $1 <> ''", secret))


@router.get("/job")
async def ask_job(session: Session) -> str:
    """Write through the ORM and leave a job."""
    await session.execute(text("select 1 as one"))
    await enqueue(session, SCHEMA, "test.traced", {})
    return trace_headers()["traceparent"]


@pytest_asyncio.fixture
async def spans() -> AsyncIterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing = OpenTelemetry("test", SimpleSpanProcessor(exporter))
    activate(tracing)
    yield exporter
    activate(None)
    await tracing.close()


@pytest_asyncio.fixture
async def client(spans: InMemorySpanExporter) -> AsyncIterator[httpx.AsyncClient]:
    async with running(create_app(small_service(SCHEMA, "Traces 追踪", router))) as started:
        yield started


def by_name(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {one.name: one for one in exporter.get_finished_spans()}


async def test_a_request_and_its_statements_are_one_trace(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    answer = await client.get("/v1/sql/zhangsan", headers=ADMIN | PARENT)
    assert answer.status_code == 200
    found = by_name(spans)
    request, statement = found["GET /v1/sql/{secret}"], found["select clock"]
    assert request.context
    assert statement.context
    assert statement.parent
    assert f"{request.context.trace_id:032x}" == TRACE, "the caller's trace goes on"
    assert statement.context.trace_id == request.context.trace_id
    assert statement.parent.span_id == request.context.span_id
    assert (request.attributes or {})["http.response.status"] == 200
    assert "zhangsan" not in "".join(one.to_json() for one in spans.get_finished_spans())


async def test_the_frameworks_own_telemetry_is_off(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would put queries such as `q=王小明` into spans."""

    async def run(*_: object, **__: object) -> None:
        raise AssertionError("the framework measures this request")

    monkeypatch.setattr(NativeTelemetry, "__call__", run)
    assert (await client.get("/v1/sql/zhangsan?q=王小明", headers=ADMIN)).status_code in (200, 422)


async def test_a_job_carries_the_trace_of_the_request_that_wanted_it(
    client: httpx.AsyncClient, jobs_world: JobsWorld, spans: InMemorySpanExporter
) -> None:
    answer = await client.get("/v1/job", headers=ADMIN | PARENT)
    payload = await jobs_world.connection.fetchval(
        "select payload from accountability.pgqueuer where entrypoint = 'test.traced'"
    )
    assert orjson.loads(payload)["trace"] == {"traceparent": answer.json()}
    assert answer.json().split("-")[1] == TRACE
    assert "select" in by_name(spans), "statements of the ORM are seen, too"


async def test_calls_to_others_name_the_trace(spans: InMemorySpanExporter) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    http = HttpClient("http://other", transport=httpx.MockTransport(answer))
    scope = {"headers": [(b"traceparent", b"theirs")], "scheme": "http", "client": None}
    with span("work", Kind.CONSUMER, PARENT):
        await http.request("GET", "/schools/v1/staff")
        passed_on = request_headers(scope, "schools")
    await http.close()
    assert seen[0].headers["traceparent"].split("-")[1] == TRACE
    values = [value for name, value in passed_on if name == "traceparent"]
    assert [value.split("-")[1] for value in values] == [TRACE]


async def test_a_collector_that_says_nothing_keeps_no_process_from_ending() -> None:
    silent = asyncio.Event()

    async def listen(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    tracing = OpenTelemetry("test", exporting_to(f"http://127.0.0.1:{port}"))
    for _ in range(2000):
        with tracing.span("work", Kind.SERVER, None):
            pass
    async with asyncio.timeout(8):
        await tracing.close()
    silent.set()
    server.close()


def test_without_a_collector_nothing_is_imported_or_said() -> None:
    code = (
        "import sys, services.accountability.main, gateway.main; "
        "from services.chassis.core.tracing import span, trace_headers, Kind; "
        "assert trace_headers() == {}; "
        "assert not [name for name in sys.modules if name.startswith('opentelemetry.sdk')]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
