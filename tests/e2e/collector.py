"""A collector of traces on this machine: takes OTLP over HTTP and keeps what it gets."""

import gzip
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector:
    """Spans by trace, each as (process, name); and everything received, as text."""

    def __init__(self) -> None:
        self.traces: dict[bytes, set[tuple[str, str]]] = defaultdict(set)
        self.text: list[str] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.text.append(body.decode("utf-8", "replace"))
                collector.take(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def take(self, request: Any) -> None:
        """Keep the spans of one batch."""
        for resource in request.resource_spans:
            names = {one.key: one.value.string_value for one in resource.resource.attributes}
            process = names["service.name"].removeprefix("junheng-")
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.traces[span.trace_id].add((process, span.name))

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
