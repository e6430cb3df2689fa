"""What people see of an import or export that waits out an outage of the server."""

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
        (FULL, "waits for room on the server"),
        ("platform.unavailable", "waits for the server"),
        (None, "being checked"),
    ],
)
def test_an_import_says_what_it_waits_for(code: str | None, words: str) -> None:
    assert state_of(job(waits_for=code)).en == words


def test_what_has_ended_waits_for_nothing() -> None:
    assert state_of(job(state="cancelled", waits_for=FULL)).en == "cancelled"


def test_an_export_says_what_it_waits_for() -> None:
    plain = {"service": "schools", "format": "csv", "compress": "none", "file_name": "a.csv"}
    plain |= {"state": "queued", "expires_at": "2026-01-12T09:00:00Z", "waits_for": FULL}
    found = ExportJob.model_validate(COMMON | plain)
    assert headline(found, "zh-CN") == "staff → a.csv：等待服务器磁盘空间"


def test_without_a_terminal_a_line_says_so_and_another_that_it_goes_on() -> None:
    console = Console(file=io.StringIO(), width=80)
    lines = ProgressLines(console, "en")
    for one in (job(), job(waits_for=FULL), job(waits_for=FULL), job()):
        lines.show(one)
    assert isinstance(console.file, io.StringIO)
    checking, waiting, again = console.file.getvalue().splitlines()
    assert (waiting, again) == ("waits for room on the server", checking)


def test_at_a_terminal_the_bar_says_so() -> None:
    bars = ProgressBars(Console(file=io.StringIO(), force_terminal=True, width=80), "zh-CN")
    bars.show(job(waits_for=FULL))
    paper = Console(file=io.StringIO(), width=80)
    paper.print(bars._progress.get_renderable())
    assert isinstance(paper.file, io.StringIO)
    assert "等待服务器" in paper.file.getvalue()
