"""Output of the command line while an import or export waits during an outage."""

import io
from typing import Any

import pytest
from rich.console import Console

from client.exports.headline import headline
from client.exports.job import ExportJob
from client.imports.job import ImportJob
from client.imports.outcome import state_of
from client.imports.progress_bars import ProgressBars
from client.imports.progress_lines import ProgressLines

FULL = "platform.storage_full"
COMMON = {"id": "x", "resource": "staff", "created_at": "2026-01-05T09:00:00Z"}


def job(**stands: Any) -> ImportJob:
    plain = {"operation": "upsert", "mode": "valid_rows", "dry_run": False, "size": 10}
    return ImportJob.model_validate(COMMON | plain | {"state": "validating"} | stands)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (FULL, "waiting for disk space on the server"),
        ("platform.unavailable", "waiting for the server"),
        (None, "checking"),
    ],
)
def test_an_import_shows_why_it_waits(code: str | None, words: str) -> None:
    assert state_of(job(waits_for=code)).en == words


def test_an_ended_import_does_not_wait() -> None:
    assert state_of(job(state="cancelled", waits_for=FULL)).en == "cancelled"


def test_an_export_shows_why_it_waits() -> None:
    plain = {"service": "schools", "format": "csv", "compress": "none", "file_name": "a.csv"}
    plain |= {"state": "queued", "expires_at": "2026-01-12T09:00:00Z", "waits_for": FULL}
    found = ExportJob.model_validate(COMMON | plain)
    assert headline(found, "zh-CN") == "staff → a.csv：等待服务器磁盘空间"


def test_lines_show_the_wait_and_its_end() -> None:
    console = Console(file=io.StringIO(), width=80)
    lines = ProgressLines(console, "en")
    for one in (job(), job(waits_for=FULL), job(waits_for=FULL), job()):
        lines.show(one)
    assert isinstance(console.file, io.StringIO)
    checking, waiting, again = console.file.getvalue().splitlines()
    assert (waiting, again) == ("waiting for disk space on the server", checking)


def test_bars_show_the_wait() -> None:
    bars = ProgressBars(Console(file=io.StringIO(), force_terminal=True, width=80), "zh-CN")
    bars.show(job(waits_for=FULL))
    paper = Console(file=io.StringIO(), width=80)
    paper.print(bars._progress.get_renderable())
    assert isinstance(paper.file, io.StringIO)
    assert "等待服务器" in paper.file.getvalue()
