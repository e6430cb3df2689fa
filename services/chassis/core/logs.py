"""JSON logs with the request id and without personal data. Nothing raises into the caller."""

import json
import logging
import re
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from services.chassis.core.log_sink import LogSink
from services.chassis.core.metrics import observe_lost_lines
from services.chassis.core.request_id import current_request_id
from services.chassis.core.standard_streams import standard_error

_DETAIL = re.compile(r"^DETAIL:.*\n?", re.MULTILINE)


def _add_request_id(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    if request_id := current_request_id.get():
        event["request_id"] = request_id
    return event


def _without_values(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Drop PostgreSQL's detail of an error, which quotes the row that violated a constraint."""
    if isinstance(trace := event.get("exception"), str) and "DETAIL:" in trace:
        event["exception"] = _DETAIL.sub("", trace)
    return event


def _dump(event: MutableMapping[str, Any]) -> bytes:
    """An event as JSON, also with what JSON has no form for (half a surrogate, a huge number)."""
    try:
        return orjson.dumps(event, default=str)
    except Exception:
        return json.dumps(event, default=_shown, skipkeys=True).encode()


def _shown(value: Any) -> str:
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"


class _Renderer:
    """Makes lines of events, and of those that cannot be rendered a line that names the cause."""

    def __init__(self, process: str) -> None:
        self._process = process
        self.processors: list[Any] = [
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            self._name_process,
            _add_request_id,
            structlog.processors.format_exc_info,
            _without_values,
        ]

    def __call__(self, logger: Any, method: str, event: Any) -> bytes:
        """The line of an event, without its end."""
        try:
            for process in self.processors:
                event = process(logger, method, event)
            return _dump(event)
        except Exception as error:
            return self.plain("log entry not rendered", "error", cause=type(error).__name__)

    def plain(self, event: str, level: str, **values: str | int) -> bytes:
        """A line of nothing but plain values."""
        head = {"event": event, "level": level, "timestamp": datetime.now(UTC).isoformat()}
        return orjson.dumps({**head, "process": self._process, **values})

    def _name_process(self, _logger: Any, _method: str, event: Any) -> Any:
        event["process"] = self._process
        return event


class _SinkLogger:
    """Logger to which structlog writes lines."""

    def __init__(self, sink: LogSink) -> None:
        self._sink = sink

    def msg(self, line: bytes) -> None:
        """Write a line."""
        self._sink.put(line + b"\n")

    debug = info = warning = error = critical = msg


class _SinkHandler(logging.Handler):
    """Handler to which the standard library's loggers write records."""

    def __init__(self, sink: LogSink, render: _Renderer) -> None:
        super().__init__()
        self._sink, self._render = sink, render
        self._formatter = structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                lambda _logger, _method, event: _dump(event).decode(),
            ],
            foreign_pre_chain=render.processors,
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        try:
            line = self._formatter.format(record).encode()
        except Exception as error:
            line = self._render.plain(
                "log record not rendered", "error", cause=type(error).__name__, logger=record.name
            )
        self._sink.put(line + b"\n")


# Loggers keep their sink for as long as the process lives. Only tests have more than one.
_sinks: dict[str, LogSink] = {}


def _open_sink(process: str, render: _Renderer) -> LogSink:
    observe_lost_lines(process, 0)
    return LogSink(
        standard_error(),
        on_lost=lambda lines: observe_lost_lines(process, lines),
        report=lambda lines: render.plain("log lines lost", "warning", count=lines) + b"\n",
    )


def configure_logs(process: str) -> None:
    """Send structlog and the standard library's loggers to standard error as JSON lines."""
    render = _Renderer(process)
    if process not in _sinks:
        _sinks[process] = _open_sink(process, render)
    sink = _sinks[process]
    structlog.configure(
        processors=[render],
        logger_factory=lambda *_: _SinkLogger(sink),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_SinkHandler(sink, render)], force=True)


def flush_logs() -> None:
    """Wait at most two seconds for pending lines."""
    for sink in _sinks.values():
        sink.flush()
