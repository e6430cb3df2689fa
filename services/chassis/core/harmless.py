"""Keeps faults of metrics and traces away from the observed code."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter

_FAILURES = Counter(
    "junheng_observation_failures_total",
    "Measurements and spans lost to a fault of their own",
    ["part"],
)


@contextmanager
def harmless(part: str) -> Iterator[None]:
    """Suppress and count every exception raised inside; also a decorator.

    Args:
        part: what is observed, `metrics` or `traces`.
    """
    try:
        yield
    except Exception:
        _FAILURES.labels(part).inc()
