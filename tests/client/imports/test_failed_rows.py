"""Faulty rows are saved beside the upload, without overwriting other files."""

from pathlib import Path

import pytest

from client.imports.failed_rows import free_name
from tests.client.command_line import WHO, run
from tests.client.fake_imports import FakeImports, completed, fault


@pytest.mark.parametrize(
    ("upload", "there", "name"),
    [
        ("staff.csv", [], "staff.failed.csv"),
        ("staff.csv", ["staff.failed.csv", "staff.failed-2.csv"], "staff.failed-3.csv"),
        ("staff.failed.csv", ["staff.failed.csv"], "staff.failed-2.csv"),
        ("staff.failed-2.csv", ["staff.failed.csv", "staff.failed-2.csv"], "staff.failed-3.csv"),
        ("staff.csv.gz", [], "staff.failed.csv"),
        ("教职工 2025.1.xlsx", [], "教职工 2025.1.failed.csv"),
        ("staff", [], "staff.failed.csv"),
    ],
)
def test_the_name_is_free(tmp_path: Path, upload: str, there: list[str], name: str) -> None:
    for one in there:
        (tmp_path / one).touch()
    assert free_name(tmp_path / upload, "csv") == tmp_path / name


@pytest.fixture
def _some_fail(imports: FakeImports, no_network: None) -> None:
    imports.steps = [completed(rows=3, created=2, failed=1)]
    imports.faults = [fault(3)]


def send(file: Path, *words: str) -> str:
    result = run("import", "staff", str(file), "--mode", "valid_rows", *words, *WHO)
    assert result.exit_code == 2
    return result.stderr


@pytest.mark.usefixtures("_some_fail")
def test_a_file_beside_the_upload_is_never_overwritten(file: Path) -> None:
    mine = file.with_name("staff.failed.csv")
    mine.write_text("half corrected")
    assert "staff.failed-2.csv" in send(file)
    assert mine.read_text() == "half corrected"


@pytest.mark.usefixtures("_some_fail")
def test_overwriting_a_chosen_file_is_reported(file: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "nightly.csv"
    assert "replaced" not in send(file, "--failed-rows", str(chosen))
    assert "replaced" in send(file, "--failed-rows", str(chosen))


@pytest.mark.usefixtures("_some_fail")
def test_a_write_error_prints_how_to_save_elsewhere(
    file: Path, tmp_path: Path, imports: FakeImports
) -> None:
    said = send(file, "--failed-rows", str(tmp_path / "no such folder" / "x.csv"))
    assert f"junheng imports failed {imports.job['id']} --output FILE" in said
