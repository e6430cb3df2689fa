"""The process that prepares the sample logins may be killed, or meet a service that is."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.errors import SetupError
from deploy.local import up
from deploy.local.options import DEFAULT_PORTS, Options
from deploy.local.restarts import TRY_AGAIN

KILLED = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
OUTAGE, DONE, REFUSED = f"raise SystemExit({TRY_AGAIN})", "", "raise SystemExit(1)"


def welcomed(monkeypatch: pytest.MonkeyPatch, *ends: str) -> int:
    """Let it end in each of these ways, one after the other; how often it was started."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*_: object) -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen([sys.executable, "-c", ends[len(started)]]))
        return started[-1]

    monkeypatch.setattr(up, "run_client", start)
    welcome = up._Welcome(Options(Path("data"), DEFAULT_PORTS), [])
    while not welcome._is_done:
        assert welcome.check() is False, "the platform keeps running"
        time.sleep(0.01)
    return len(started)


def test_it_is_started_again_until_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    assert welcomed(monkeypatch, KILLED, OUTAGE, DONE) == 3


def test_what_is_refused_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError, match="could not be prepared"):
        welcomed(monkeypatch, KILLED, REFUSED)
