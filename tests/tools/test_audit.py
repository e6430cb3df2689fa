import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools import audit

_VULNERABILITY = {
    "id": "PYSEC-2026-1",
    "summary": "an example",
    "published": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "fastapi"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999"}]}],
            "versions": [],
        }
    ],
}


class Service(BaseHTTPRequestHandler):
    """A vulnerability service that knows one vulnerable package."""

    vulnerable = ""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = asked["package"]["name"] == self.vulnerable
        answer = json.dumps({"vulns": [_VULNERABILITY]} if known else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as there
        """Log nothing."""


@pytest.fixture
def service() -> Iterator[list[str]]:
    """The arguments with which pip-audit asks the service of this test."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield ["-s", "osv", "--osv-url", f"http://127.0.0.1:{server.server_port}/"]
        server.shutdown()


@pytest.mark.parametrize(("vulnerable", "status"), [("", 0), ("fastapi", audit.FOUND)])
def test_the_status_shows_whether_a_dependency_is_vulnerable(
    service: list[str],
    vulnerable: str,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Service, "vulnerable", vulnerable)
    assert audit.audit(service) == status
    printed = capsys.readouterr()
    assert ("PYSEC-2026-1, fixed in 999" in printed.out) == bool(vulnerable)
    assert "dependencies audited" in printed.err


def test_a_service_that_does_not_answer_leaves_the_result_unknown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    nobody = ["-s", "osv", "--osv-url", "http://127.0.0.1:9/", "--timeout", "1"]
    assert audit.audit(nobody) == audit.UNKNOWN
    assert "result unknown" in capsys.readouterr().err
