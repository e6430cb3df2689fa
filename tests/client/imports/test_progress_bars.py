"""Progress bars of an import: three aligned bars within 80 columns."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from client.imports.job import ImportJob
from client.imports.progress_bars import ProgressBars
from client.text import Language
from tests.client.fake_imports import Job, completed, failed, progress

LARGE = 47_000_000


def job(**stands: Any) -> ImportJob:
    plain: Job = {"id": "x", "resource": "staff", "operation": "upsert", "mode": "valid_rows"}
    plain |= {"dry_run": False, "created_at": "2026-01-05T09:00:00Z", "size": 999_900_000}
    return ImportJob.model_validate(plain | stands)


def shown(*jobs: ImportJob, language: Language = "zh-CN", is_new: bool = True) -> list[str]:
    """The lines on the screen after these states."""
    terminal = Console(file=io.StringIO(), force_terminal=True, width=80)
    bars = ProgressBars(terminal, language, is_new=is_new)
    for one in jobs:
        bars.update(one)
    paper = Console(file=io.StringIO(), width=80)
    paper.print(bars._progress.get_renderable())
    assert isinstance(terminal.file, io.StringIO)
    assert isinstance(paper.file, io.StringIO)
    printed = terminal.file.getvalue() + paper.file.getvalue()
    return [line.rstrip() for line in printed.splitlines()]


def running() -> list[ImportJob]:
    soon = datetime.now(UTC) + timedelta(hours=1, minutes=2, seconds=3.5)
    rate = {"received": 999_900_000, "rows_per_second": 123_456.0, "estimated_end_at": soon}
    stored = progress(rows=LARGE, created=12_345_678)
    return [
        job(state="open", received=0),
        job(state="open", received=888_800_000),
        job(state="queued", received=999_900_000),
        job(state="validating", progress=progress(rows=LARGE, bytes=1_000), **rate),
        job(state="loading", progress=stored, **rate),
    ]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_longest_lines_fit_and_are_aligned(language: Language) -> None:
    for number in range(2, len(running()) + 1):
        lines = shown(*running()[:number], language=language)
        assert all(cell_len(line) <= 80 and "…" not in line for line in lines), lines
        assert len({cell_len(line[: line.index("━")]) for line in lines if "━" in line}) == 1


def test_each_bar_has_amount_rate_and_remaining_time() -> None:
    upload, check, store = shown(*running())
    assert upload.split() == ["上传", "━" * 20, "999.9", "MB"]
    assert check.split() == ["校验", "━" * 20, "47,000,000", "行"]
    assert store.split()[-4:] == ["123,456", "行/秒", "剩余", "1:02:03"]
    assert "12,345,678/47,000,000" in store


def test_every_bar_is_full_at_the_end() -> None:
    lines = shown(*running(), job(received=999_900_000, **completed(rows=3, created=3)))
    assert [line.split()[0] for line in lines] == ["上传", "校验", "写入"]
    assert lines[2].split()[-4:] == ["3", "行", "1,680", "行/秒"]
    assert all("╸" not in line for line in lines)


def test_nothing_stored_means_no_store_bar() -> None:
    tried = job(received=999_900_000, **completed(rows=3, created=3) | {"dry_run": True})
    refused = job(received=999_900_000, **failed(rows=3, failed=1))
    for end in (tried, refused):
        assert [line.split()[0] for line in shown(*running()[:4], end)] == ["上传", "校验"]


def test_a_resumed_import_is_named_above_the_bars() -> None:
    first, *bars = shown(*running()[2:4])
    assert first == "继续执行同一文件尚未结束的导入 x"
    assert len(bars) == 2


def test_watching_an_import_shows_no_upload() -> None:
    lines = shown(*running()[3:], is_new=False)
    assert [line.split()[0] for line in lines] == ["校验", "写入"]
