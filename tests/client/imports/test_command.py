"""`junheng import`: exit codes, output and faulty rows."""

from pathlib import Path

import httpx
import pytest

from tests.client.command_line import WHO, run
from tests.client.fake import FakePlatform, answer, problem
from tests.client.fake_imports import FakeImports, completed, failed, fault, progress

pytestmark = pytest.mark.usefixtures("no_network")


def table(printed: str) -> dict[str, str]:
    """The numbers of the report by name."""
    cells = [line.split("│")[1:3] for line in printed.splitlines() if line.count("│") == 3]
    return {name.strip(): number.strip() for name, number in cells}


def test_all_rows_end_with_0(imports: FakeImports, file: Path) -> None:
    imports.steps = [completed(rows=4200, created=4100, updated=60, unchanged=40)]
    result = run("import", "staff", str(file), *WHO)
    assert result.exit_code == 0, result.output
    assert "staff.csv → staff: imported\n" in result.stdout
    assert table(result.stdout) == {
        "Rows": "4,200",
        "Created": "4,100",
        "Updated": "60",
        "Unchanged": "40",
        "Failed": "0",
        "Unprocessed": "0",
        "Removed": "0",
        "Seconds": "2.5",
        "Rows/s": "1,680",
    }
    assert list(file.parent.iterdir()) == [file]


def test_notices_are_shown_and_change_no_exit_code(imports: FakeImports, file: Path) -> None:
    notice = {"code": "id_number.not_applied", "message": "Compared.", "rows": 2}
    imports.steps = [completed(rows=2, unchanged=2) | {"notices": [notice]}]
    result = run("import", "staff", str(file), *WHO)
    assert result.exit_code == 0, result.output
    assert "Compared. (id_number.not_applied)\n" in result.stdout


def test_some_rows_end_with_2_and_the_faulty_ones_are_saved(
    imports: FakeImports, file: Path
) -> None:
    imports.steps = [completed(rows=3, created=2, failed=1)]
    imports.faults = [fault(3)]
    result = run("import", "staff", str(file), "--mode", "valid_rows", *WHO)
    assert result.exit_code == 2
    assert "imported, except for faulty rows" in result.stdout
    assert "Wrong (id_number.checksum)" in result.stdout
    saved = file.with_name("staff.failed.csv")
    assert saved.read_bytes() == b"failed\n"
    assert str(saved) in result.stderr
    assert imports.job["mode"] == "valid_rows"


def test_no_row_ends_with_3(imports: FakeImports, file: Path) -> None:
    imports.steps = [failed(rows=3, failed=30, unprocessed=2)]
    imports.faults = [fault(row) for row in range(2, 32)]
    result = run("import", "staff", str(file), *WHO)
    assert result.exit_code == 3
    assert "not imported\nRefused (import.rows_failed)\nBecause.\n" in result.stdout
    assert "2, 3, 4 … (30)" in result.stdout


def test_no_valid_row_ends_with_3(imports: FakeImports, file: Path) -> None:
    imports.steps = [completed(rows=3, failed=3)]
    assert run("import", "staff", str(file), "--mode", "valid_rows", *WHO).exit_code == 3


def test_a_wrong_header_is_reported_and_leaves_no_file(imports: FakeImports, file: Path) -> None:
    unknown = {"pointer": "/rows/1/备注", "code": "import.unknown_column", "message": "Unknown"}
    imports.steps = [failed("platform.invalid", [unknown])]
    result = run("import", "staff", str(file), *WHO)
    assert result.exit_code == 3
    assert "Unknown (import.unknown_column)" in result.stdout
    assert list(file.parent.iterdir()) == [file]


def test_a_refusal_to_begin_ends_with_1(
    platform: FakePlatform, imports: FakeImports, file: Path
) -> None:
    platform.on("POST", imports.path, problem(403, "auth.missing_scope"))
    result = run("import", "staff", str(file), *WHO)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "auth.missing_scope" in result.stderr


def test_an_outage_ends_with_69_and_prints_how_to_resume(imports: FakeImports, file: Path) -> None:
    imports.breaks = [1000]
    result = run("import", "staff", str(file), *WHO)
    assert result.exit_code == 69
    assert "Run the same command again to resume it." in result.stderr
    assert run("import", "staff", str(file), *WHO).exit_code == 0
    assert len(imports.jobs) == 1

    imports.steps = [httpx.ReadError("reset")]
    result = run("import", "staff", str(file), *WHO)
    assert result.exit_code == 69
    assert f"junheng imports show {imports.job['id']} --wait" in result.stderr


@pytest.mark.parametrize("state", ["open", "queued"])
def test_ctrl_c_ends_with_130_and_prints_how_to_continue(
    platform: FakePlatform, imports: FakeImports, file: Path, state: str
) -> None:
    if state == "queued":
        imports.steps = [{"state": "validating"}, KeyboardInterrupt()]
    else:
        imports.interrupts = True
    result = run("import", "staff", str(file), *WHO)
    assert result.exit_code == 130
    job_id = imports.job["id"]
    said = f"junheng imports cancel {job_id}" if state == "queued" else "to resume it"
    assert said in result.stderr
    assert result.stdout == ""


def test_a_resumed_import_is_announced(imports: FakeImports, file: Path) -> None:
    imports.steps = [{"state": "validating"}, KeyboardInterrupt()]
    run("import", "staff", str(file), *WHO)
    imports.steps = [completed(rows=1, created=1)]
    imports.restart_steps()
    result = run("import", "staff", str(file), *WHO)
    assert result.exit_code == 0
    assert f"resuming import {imports.job['id']}" in result.stderr
    assert len(imports.uploads) == 1


def test_without_waiting_only_the_id_is_printed(imports: FakeImports, file: Path) -> None:
    result = run("import", "staff", str(file), "--no-wait", *WHO)
    assert (result.exit_code, result.stdout) == (0, f"{imports.job['id']}\n")
    assert imports.job["state"] == "queued"
    assert f"junheng imports show {imports.job['id']} --wait" in result.stderr


def test_a_dry_run_is_reported_with_the_next_command(imports: FakeImports, file: Path) -> None:
    result = run("import", "staff", str(file), "--dry-run", *WHO)
    assert result.exit_code == 0
    assert "dry run passed, nothing stored yet" in result.stdout
    assert f"junheng imports commit {imports.job['id']}" in result.stderr
    assert imports.job["dry_run"] is True


def test_a_dry_run_with_yes_is_imported(imports: FakeImports, file: Path) -> None:
    result = run("import", "staff", str(file), "--dry-run", "--yes", *WHO)
    assert result.exit_code == 0
    assert result.stdout.index("dry run passed") < result.stdout.index("imported")
    assert (imports.job["dry_run"], imports.job["state"]) == (False, "completed")
    assert len(imports.uploads) == 1


@pytest.mark.parametrize(("typed", "is_imported"), [("y\n", True), ("n\n", False), ("", False)])
def test_confirmation_is_requested_at_a_terminal(
    imports: FakeImports,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    is_imported: bool,
) -> None:
    monkeypatch.setattr("client.imports.command.is_interactive", lambda: True)
    result = run("import", "staff", str(file), "--dry-run", *WHO, answers=typed)
    assert result.exit_code == 0
    assert "Import? [y/N]" in result.stderr
    assert imports.job["dry_run"] is not is_imported


def test_removals_are_shown_before_confirmation(
    imports: FakeImports, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.imports.command.is_interactive", lambda: True)
    imports.steps = [completed(rows=3, unchanged=3, removed=13_811)]
    words = ["--operation", "replace", "--allow-shrink", "--dry-run"]
    result = run("import", "staff", str(file), *words, *WHO, answers="n\n")
    assert table(result.stdout)["Removed"] == "13,811"
    assert "Import, and remove 13,811 stored row(s)" in result.stderr
    assert imports.job["dry_run"] is True


@pytest.mark.parametrize(
    ("mode", "exit_code", "is_imported"), [("all_or_nothing", 3, False), ("valid_rows", 2, True)]
)
def test_a_dry_run_with_faulty_rows_is_imported_only_with_valid_rows(
    imports: FakeImports, file: Path, mode: str, exit_code: int, is_imported: bool
) -> None:
    imports.steps = [completed(rows=3, created=2, failed=1)]
    words = ["import", "staff", str(file), "--dry-run", "--yes", "--mode", mode]
    result = run(*words, *WHO)
    assert result.exit_code == exit_code
    assert imports.job["dry_run"] is not is_imported
    # The rows are saved twice, into the same file.
    assert [one.name for one in file.parent.glob("*failed*")] == ["staff.failed.csv"]


def test_options_are_sent(imports: FakeImports, file: Path) -> None:
    words = ["--operation", "replace", "--allow-shrink", "--encoding", "gb18030"]
    words += ["--delimiter", "tab", "--sheet", "教师", "--map", "a=b=name", "--map", "备注="]
    for value, code in (("中一", "first"), ("无", "")):
        words += ["--value", f"title:{value}={code}"]
    words += ["--ignore-unknown-columns"]
    assert run("import", "staff", str(file), *words, *WHO).exit_code == 0
    sent = {"operation": "replace", "allow_shrink": True, "encoding": "gb18030"}
    sent |= {"delimiter": "\t", "sheet": "教师"}
    assert sent.items() <= imports.job.items()
    assert imports.job["column_mapping"] == {"a=b": "name", "备注": None}
    assert imports.job["value_mapping"] == {"title": {"中一": "first", "无": None}}
    assert imports.job["ignore_unknown_columns"] is True


@pytest.mark.parametrize("words", ["title", "title:x", "title=x", ":x=y", "title:=y"])
def test_a_value_that_cannot_be_read_is_named(file: Path, words: str) -> None:
    result = run("import", "staff", str(file), "--value", words, *WHO)
    assert result.exit_code == 64
    assert words in result.stderr


def test_scores_are_sent_to_the_cycle_of_the_year(platform: FakePlatform, file: Path) -> None:
    imports = FakeImports(platform, "appraisal")
    cycle_id = "0193b2d0-7c1e-7c70-9c5a-0d1b2c3d4e5f"
    platform.on("GET", "/appraisal/v1/cycles/by-key/2025", answer({"id": cycle_id}))
    assert run("import", "scores", str(file), "--cycle", "2025", *WHO).exit_code == 0
    assert imports.job["within"] == {"cycle_id": cycle_id}


def test_progress_lines_are_printed_without_a_terminal(imports: FakeImports, file: Path) -> None:
    imports.steps = [
        {"state": "validating", "progress": progress(rows=1)},
        {"state": "validating", "progress": progress(rows=2)},
        {"state": "loading", "progress": progress(rows=3, created=1)},
        completed(rows=3, created=3),
    ]
    result = run("import", "staff", str(file), *WHO)
    assert result.stderr.splitlines() == [
        "uploading staff.csv (600.0 kB)",
        f"uploaded and queued, import {imports.job['id']}",
        "checking: 1 rows",
        "storing: 1 of 3 rows",
    ]


def test_output_in_chinese(imports: FakeImports, file: Path) -> None:
    imports.steps = [completed(rows=3, created=2, failed=1)]
    imports.faults = [fault(3)]
    result = run("import", "staff", str(file), "--mode", "valid_rows", *WHO[:4])
    assert "staff.csv → staff：已导入，错误行除外" in result.stdout
    assert table(result.stdout)["错误"] == "1"
    assert "修改后可直接导入该文件" in result.stderr
