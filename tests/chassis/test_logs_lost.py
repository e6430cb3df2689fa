"""A log that cannot be written stops nobody, and says later what it has lost."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

LINES = 400
# More than a pipe and the queue before it hold together.
TOO_MANY = 40_000


def write_logs(stderr: int | None, lines: int, *more: str) -> dict[str, Any]:
    """Let a process log with this standard error, closed if None; what it tells in the end."""
    words = [sys.executable, "-m", "tests.chassis.log_writer", str(lines), *more]
    if stderr is None:
        words = ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", *words]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=stderr, text=True, check=True)
    outcome: dict[str, Any] = json.loads(done.stdout)
    assert outcome["kept"] == "an upload", "no line goes into what is opened instead"
    return outcome


@contextmanager
def full_device() -> Iterator[int]:
    with open("/dev/full", "ab") as device:
        yield device.fileno()


@contextmanager
def pipe_without_reader() -> Iterator[int]:
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@contextmanager
def stuck_pipe(*, blocking: bool) -> Iterator[int]:
    """Nobody reads, and nobody closes it either."""
    reading, writing = os.pipe()
    if not blocking:
        flags = fcntl.fcntl(writing, fcntl.F_GETFL)
        fcntl.fcntl(writing, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    yield writing
    os.close(reading)
    os.close(writing)


def test_a_full_disk_loses_every_line() -> None:
    with full_device() as stderr:
        assert write_logs(stderr, LINES)["lost"] == LINES


def test_a_closed_standard_error_loses_every_line() -> None:
    assert write_logs(None, LINES)["lost"] == LINES


def test_a_pipe_without_a_reader_loses_every_line() -> None:
    with pipe_without_reader() as stderr:
        assert write_logs(stderr, LINES)["lost"] == LINES


@pytest.mark.parametrize("blocking", [True, False])
def test_a_pipe_that_nobody_reads_makes_nobody_wait(blocking: bool) -> None:
    with stuck_pipe(blocking=blocking) as stderr:
        assert 0 < write_logs(stderr, TOO_MANY)["lost"] < TOO_MANY


def test_what_was_lost_is_reported_when_there_is_room_again(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("ab") as file:
        outcome = write_logs(file.fileno(), LINES, "5000")
    written = log.read_bytes().split(b"\n")
    torn = [line for line in written if line and not line.endswith(b"}")]
    assert len(torn) <= 1, "only the line that met the full disk is cut off"
    events = [json.loads(line) for line in written if line and line not in torn]
    (report,) = [event for event in events if event["event"] == "log lines lost"]
    assert (report["level"], report["process"]) == ("warning", "writer")
    assert report["count"] == outcome["lost"] > LINES // 4
    assert len(events) - 1 + report["count"] == LINES


def test_lines_of_every_kind_can_be_read(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("ab") as file:
        assert write_logs(file.fileno(), 8)["lost"] == 0
    events = [json.loads(line) for line in log.read_bytes().splitlines()]
    assert [event["level"] for event in events[:4]] == ["info", "warning", "warning", "error"]
    assert events[1]["event"] == "line 1"
    assert (events[2]["half"], events[2]["shown"]) == ("\ud800", "<Unspeakable>")
    assert "RuntimeError: number 3" in events[3]["exception"]
    assert all(event["process"] == "writer" for event in events)
