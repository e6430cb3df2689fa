"""Prometheus metrics, labelled by route template (never by a path with ids in it)."""

from collections.abc import Callable, Mapping

from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

from services.chassis.core.harmless import harmless

REQUESTS = Counter(
    "junheng_http_requests_total", "HTTP requests", ["service", "method", "route", "status"]
)
SECONDS = Histogram(
    "junheng_http_request_seconds",
    "Response time",
    ["service", "method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)

JOBS = Counter("junheng_jobs_total", "Runs of jobs", ["service", "kind", "outcome"])
JOB_SECONDS = Histogram(
    "junheng_job_seconds",
    "Time of one run of a job",
    ["service", "kind"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 3600),
)
LOST_LINES = Counter(
    "junheng_log_lines_lost_total", "Log lines that could not be written", ["service"]
)
POOL = Gauge("junheng_pool_connections", "Connections to PostgreSQL", ["service", "pool", "state"])


@harmless("metrics")
def observe(service: str, method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(service, method, route, status).inc()
    SECONDS.labels(service, method, route).observe(seconds)


@harmless("metrics")
def observe_job(service: str, kind: str, outcome: str, seconds: float) -> None:
    """Count one run of a job: `done`, `retried`, `parked` or `failed`."""
    JOBS.labels(service, kind, outcome).inc()
    JOB_SECONDS.labels(service, kind).observe(seconds)


@harmless("metrics")
def observe_lost_lines(service: str, lines: int) -> None:
    """Count log lines that could not be written; with 0, show the counter."""
    LOST_LINES.labels(service).inc(lines)


@harmless("metrics")
def watch_pool(service: str, pool: str, states: Mapping[str, Callable[[], float]]) -> None:
    """Show a pool's connections by state, read whenever metrics are."""
    for state, read in states.items():
        POOL.labels(service, pool, state).set_function(read)


def metrics_response() -> Response:
    """Everything counted so far, in the text format of Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
