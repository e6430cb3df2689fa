"""`junheng export` and `junheng exports`."""

import io
from pathlib import Path

import httpx
import pytest
from rich.cells import cell_len
from rich.console import Console

from client.api import JunhengClient
from client.exports.job import ExportJob
from client.exports.progress_bars import ProgressBars
from client.text import Language
from tests.client.command_line import WHO, run
from tests.client.fake import FakePlatform
from tests.client.fake_exports import FakeExports

pytestmark = pytest.mark.usefixtures("no_network")


def test_filters_order_and_fields_are_sent(platform: FakePlatform) -> None:
    platform.on("GET", "/schools/v1/staff", httpx.Response(200, content=b"name\n"))
    words = ["--where", "status=active", "--where", "status=left", "--where", "q=a=b"]
    result = run("export", "staff", *words, "--fields", "name", "--sort", "-name", *WHO)
    assert (result.exit_code, result.stdout) == (0, "name\n")
    assert platform.requests[0].url.params.multi_items() == [
        ("status", "active"), ("status", "left"), ("q", "a=b"), ("fields", "name"),
        ("sort", "-name"), ("format", "csv"),
    ]  # fmt: skip


@pytest.mark.parametrize("words", ["status", "=active", "limit=5", "a-b=1", "gzip=1"])
def test_an_invalid_filter_is_refused(words: str) -> None:
    result = run("export", "staff", "--where", words, *WHO)
    assert result.exit_code == 64
    assert "must be FIELD=VALUE" in result.stderr


def test_a_job_is_waited_for_and_its_file_saved(
    exports: FakeExports, platform: FakePlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("export", "staff", "--job", "--where", "status=active", "--gzip", *WHO)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr == (
        "staff → staff-20260105-0900.csv: queued\n"
        "staff → staff-20260105-0900.csv: writing the file\n"
        "staff → staff-20260105-0900.csv: complete, kept until 2026-01-12\n"
        "exported 10,000 bytes to staff-20260105-0900.csv\n"
    )
    assert (tmp_path / "staff-20260105-0900.csv").read_bytes() == exports.content
    (body,) = platform.bodies("POST", exports.path)
    assert (body["query"], body["compress"]) == ({"status": "active"}, "gzip")


def test_an_export_continues_after_ctrl_c(exports: FakeExports, tmp_path: Path) -> None:
    exports.steps = [{"state": "running"}, KeyboardInterrupt()]
    result = run("export", "staff", "--job", "--output", str(tmp_path / "a.csv"), *WHO)
    assert result.exit_code == 130
    assert f"junheng exports fetch e-1 --output {tmp_path / 'a.csv'}" in result.stderr
    assert "junheng exports cancel e-1" in result.stderr


def test_a_broken_download_prints_how_to_resume(exports: FakeExports, tmp_path: Path) -> None:
    exports.breaks = [10]
    file = tmp_path / "a.csv"
    result = run("export", "staff", "--job", "--output", str(file), *WHO)
    assert result.exit_code == 69
    assert "junheng exports fetch e-1" in result.stderr
    assert list(tmp_path.iterdir()) == []
    assert run("exports", "fetch", "e-1", "--output", str(file), *WHO).exit_code == 0
    assert file.read_bytes() == exports.content


def test_a_failed_export_prints_its_problem(exports: FakeExports) -> None:
    why = {"title": "Too many rows", "status": 422, "code": "platform.export_too_large"}
    exports.steps = [{"state": "failed", "problem": why}]
    for words in (["export", "staff", "--job"], ["exports", "fetch", "e-1"]):
        result = run(*words, *WHO)
        assert result.exit_code == 1
        assert "platform.export_too_large" in result.stderr
    assert "platform.export_too_large" in run("exports", "show", "e-1", *WHO).stdout


def test_exports_are_listed_shown_and_cancelled(
    exports: FakeExports, client: JunhengClient
) -> None:
    assert run("exports", "list", *WHO).stdout == "there are no exports\n"
    client.wait_for_export(client.open_export("staff"))
    exports.steps = [{"state": "running"}]
    client.open_export("schools")
    lines = run("exports", "list", *WHO).stdout.splitlines()
    assert [line.split()[0] for line in lines[::3]] == ["e-2", "e-1"]
    assert lines[4:] == [
        "  staff → staff-20260105-0900.csv: complete, kept until 2026-01-12",
        "  5,000 rows, 10.0 kB",
    ]
    assert "writing the file" in run("exports", "show", "e-2", *WHO).stdout
    assert "cancelled" in run("exports", "cancel", "e-2", *WHO).stderr
    assert run("exports", "cancel", "e-2", *WHO).exit_code == 1


def test_what_one_holds_can_be_removed(exports: FakeExports, client: JunhengClient) -> None:
    exports.steps = [{"state": "running"}]
    client.open_export("schools")
    result = run("exports", "discard", "e-1", *WHO)
    assert (result.exit_code, "export.not_ended" in result.stderr) == (1, True)
    run("exports", "cancel", "e-1", *WHO)
    result = run("exports", "discard", "e-1", *WHO)
    assert (result.exit_code, result.stderr) == (0, "deleted\n")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_bars_fit_in_eighty_columns(language: Language) -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=80)
    bars = ProgressBars(terminal, language)
    job = ExportJob.model_validate(
        {
            "service": "schools",
            "id": "e-1",
            "resource": "staff",
            "format": "csv",
            "compress": "none",
            "state": "completed",
            "file_name": "staff.csv",
            "bytes": 999_900_000,
            "created_at": "2026-01-05T09:00:00Z",
            "expires_at": "2026-01-12T09:00:00Z",
        }
    )
    bars.show(job.model_copy(update={"state": "running", "bytes": 888_800_000}), 0)
    bars.show(job, 777_700_000)
    paper = Console(file=io.StringIO(), width=80)
    paper.print(bars._progress.get_renderable())
    assert isinstance(paper.file, io.StringIO)
    lines = paper.file.getvalue().splitlines()
    assert len(lines) == 2
    assert all("…" not in line and cell_len(line) <= 80 for line in lines)
    assert "777.7 MB" in lines[1]
