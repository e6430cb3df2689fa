"""What observes the work never disturbs it: each test breaks a part of it, and the work is done."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from services.chassis.core import metrics
from services.chassis.core.metrics import observe_job
from services.chassis.core.settings import ServiceSettings
from services.chassis.core.tracing import (
    Kind,
    Span,
    activate,
    span,
    trace_headers,
    watch_statements,
)
from services.chassis.http import middleware
from services.chassis.runtime.app import create_app
from tests.chassis.probe import probe, router
from tests.gateway.serving import serving
from tests.support.running import running
from tests.support.services import small_service
from tests.support.tokens import bearer

HEADERS = bearer("auditor", bureau=None)


class Broken(Exception):
    """Whatever may go wrong in there."""


class BrokenSpan:
    """Fails whatever is said of it."""

    def name(self, name: str) -> None:
        raise Broken(name)

    def set(self, **attributes: str | int) -> None:
        raise Broken(attributes)


class BrokenTracing:
    """Fails at one of its steps."""

    def __init__(self, step: str) -> None:
        self._step = step

    @contextmanager
    def span(self, name: str, kind: Kind, parent: Mapping[str, str] | None) -> Iterator[Span]:
        if self._step == "begin":
            raise Broken(name, kind, parent)
        yield BrokenSpan()
        if self._step == "end":
            raise Broken(name)

    def headers(self) -> dict[str, str]:
        raise Broken

    def watch(self, connection: Any) -> None:
        raise Broken(connection)

    async def close(self) -> None:
        raise Broken


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with running(probe()) as started:
        yield started


@pytest.fixture(params=["begin", "within", "end"])
def _broken_tracing(request: pytest.FixtureRequest) -> Iterator[None]:
    activate(BrokenTracing(request.param))
    yield
    activate(None)


def failures(part: str) -> float:
    return REGISTRY.get_sample_value("junheng_observation_failures_total", {"part": part}) or 0


@pytest.mark.usefixtures("_broken_tracing")
async def test_requests_are_served_while_tracing_fails(client: httpx.AsyncClient) -> None:
    before = failures("traces")
    for way in ("connection", "session"):
        assert (await client.get(f"/v1/{way}", headers=HEADERS)).status_code == 200
    refused = await client.post("/v1/body", json={"number": 0}, headers=HEADERS)
    assert refused.status_code == 422
    assert failures("traces") > before


@pytest.mark.usefixtures("_broken_tracing")
def test_work_in_a_span_keeps_its_own_exceptions() -> None:
    with pytest.raises(ZeroDivisionError), span("work", Kind.CONSUMER, {}):
        raise ZeroDivisionError
    with span("work", Kind.CONSUMER, {}) as current:
        current.name("other")
        current.set(number=1)
    assert trace_headers() == {}
    watch_statements(object())


async def test_requests_are_served_while_metrics_fail(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = failures("metrics")

    def fail(*_: object) -> None:
        raise OSError("no room for the counter")

    for name in ("REQUESTS", "JOBS"):
        monkeypatch.setattr(getattr(metrics, name), "labels", fail)
    assert (await client.get("/v1/connection", headers=HEADERS)).status_code == 200
    observe_job("schools", "test", "done", 1.0)
    assert failures("metrics") == before + 2


async def test_what_goes_wrong_around_a_request_is_a_problem_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The frame itself fails, which answers everything else with a problem."""

    def fail(*_: object) -> None:
        raise Broken

    settings = ServiceSettings.for_service("schools", jobs="off")
    app = create_app(small_service("schools", "Probe 探针", router), settings=settings)
    async with serving(app) as address, httpx.AsyncClient(base_url=address) as http:
        monkeypatch.setattr(middleware, "negotiate", fail)
        answer = await http.get("/v1/crash", headers=HEADERS)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "platform.internal_error"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
