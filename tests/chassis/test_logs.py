import json
import subprocess
import sys

from tests.chassis.logged import NAME
from tests.schools.county import id_number
from tests.support.leaks import leaked


def test_logs_are_json_and_hold_neither_tokens_nor_id_numbers(bureau: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chassis.logged", bureau],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    entries = [json.loads(line) for line in done.stderr.splitlines()]
    requests = [entry for entry in entries if entry["event"] == "request"]
    assert len(requests) >= 10
    assert {entry["status"] for entry in requests} >= {200, 201, 202, 400, 401, 404, 409, 422, 500}
    for entry in requests:
        assert {"route", "method", "ms", "request_id", "timestamp", "process"} <= entry.keys()
        assert "?" not in entry["route"]
    crashes = [entry for entry in entries if entry["event"] == "request failed"]
    assert len(crashes) == 1
    assert crashes[0]["request_id"] in {entry["request_id"] for entry in requests}
    assert "LookupError" in crashes[0]["exception"]
    imports = [entry["state"] for entry in entries if entry["event"] == "import ended"]
    assert set(imports) == {"completed", "failed", "cancelled"}
    broken = [entry["exception"] for entry in entries if entry["event"] == "job failed"]
    assert any("Broken: CheckViolationError 23514" in text for text in broken)
    put_off = [entry["reason"] for entry in entries if entry["event"] == "job put off"]
    assert "validator: ConnectionRefusedError" in put_off
    numbers = (id_number(n) for n in (1, 3, 5, 6))
    for secret in (*numbers, NAME, "eyJ", "stolen", "Bearer", "changeme"):
        assert secret not in done.stderr, secret


def test_the_look_into_the_logs_of_every_test_sees() -> None:
    """See `pytest_runtest_makereport` in tests/conftest.py."""
    for secret in (id_number(7), "员工T0001", "Bearer abc", "eyJhbGciOiJFUzI1NiIsImtpZCI6.x"):
        assert leaked(json.dumps({"event": f"said {secret}"}, ensure_ascii=False))
        assert leaked(f"said {secret}") == [], "no log, but what a test prints"
    assert leaked('{"event": "request", "request_id": "123456789012345678"}') == []
