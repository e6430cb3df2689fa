"""JSON logs with the request id, and no personal data."""

import logging
import re
import sys
from typing import Any

import orjson
import structlog

from services.chassis.core.request_id import current_request_id

_DETAIL = re.compile(r"^DETAIL:.*\n?", re.MULTILINE)


def _add_request_id(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    if request_id := current_request_id.get():
        event["request_id"] = request_id
    return event


def _without_values(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Drop what PostgreSQL adds to a fault: it quotes the row that broke a constraint."""
    if isinstance(trace := event.get("exception"), str) and "DETAIL:" in trace:
        event["exception"] = _DETAIL.sub("", trace)
    return event


def _dump(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def configure_logs(process: str) -> None:
    """Send structlog and the standard library's loggers to stderr as JSON lines."""

    def name_process(_logger: Any, _method: str, event: Any) -> Any:
        event["process"] = process
        return event

    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_process,
        _add_request_id,
        structlog.processors.format_exc_info,
        _without_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_dump)],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(serializer=_dump),
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
