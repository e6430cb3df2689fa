"""`junheng imports`: list, show, cancel, commit and download."""

from pathlib import Path

import pytest

from client.api import JunhengClient
from tests.client.command_line import WHO, run
from tests.client.fake import FakePlatform, problem
from tests.client.fake_imports import FakeImports, completed, failed, fault

pytestmark = pytest.mark.usefixtures("no_network")


def opened(client: JunhengClient, *, dry_run: bool = False) -> str:
    job = client.import_bytes(
        "staff", b"a\n1\n", file_name="staff.csv", dry_run=dry_run, wait=dry_run
    )
    return job.id


def test_the_current_state_is_shown(imports: FakeImports, client: JunhengClient) -> None:
    imports.steps = [{"state": "validating"}]
    result = run("imports", "show", opened(client), *WHO)
    assert (result.exit_code, result.stdout) == (0, "staff.csv → staff: checking\n")


def test_the_end_can_be_waited_for(imports: FakeImports, client: JunhengClient) -> None:
    imports.steps = [{"state": "validating"}, completed(rows=3, created=2, failed=1)]
    imports.faults = [fault(2)]
    job_id = opened(client)
    result = run("imports", "show", job_id, "--wait", *WHO)
    assert result.exit_code == 2
    assert "except for faulty rows" in result.stdout
    assert f"junheng imports failed {job_id} --output FILE" in result.stderr


@pytest.mark.parametrize("status", [403, 410])
def test_an_import_with_hidden_rows_is_shown_without_them(
    imports: FakeImports, client: JunhengClient, status: int
) -> None:
    imports.steps = [completed(rows=3, created=2, failed=1)]
    job_id = opened(client)
    imports.hides_faults = problem(status)
    result = run("imports", "show", job_id, *WHO)
    assert result.exit_code == 0, result.stderr
    assert "except for faulty rows\nBecause.\n" in result.stdout


def test_an_import_can_be_cancelled(imports: FakeImports, client: JunhengClient) -> None:
    imports.steps = []
    job_id = opened(client)
    result = run("imports", "cancel", job_id, *WHO)
    assert (result.exit_code, result.stderr) == (0, "staff.csv → staff: cancelled\n")
    result = run("imports", "cancel", job_id, *WHO)
    assert result.exit_code == 1
    assert "import.ended" in result.stderr


def test_what_it_holds_can_be_removed(imports: FakeImports, client: JunhengClient) -> None:
    imports.steps = [{"state": "validating"}, completed(rows=3, created=3)]
    job_id = opened(client)
    result = run("imports", "discard", job_id, *WHO)
    assert (result.exit_code, "import.not_ended" in result.stderr) == (1, True)
    run("imports", "show", job_id, "--wait", *WHO)
    result = run("imports", "discard", job_id, *WHO)
    assert (result.exit_code, result.stderr) == (0, "deleted\n")
    assert imports.job["is_expired"]


def test_what_replacing_has_kept_is_reported(imports: FakeImports, client: JunhengClient) -> None:
    end = completed(rows=3, unchanged=3, removed=1)
    end["progress"]["kept"] = {"in_use": 2, "restricted": 4, "another": 5}
    imports.steps = [end]
    shown = run("imports", "show", opened(client), *WHO).stdout
    for words, count in (("still in use", 2), ("restricted persons", 4), ("(another)", 5)):
        (line,) = [one for one in shown.splitlines() if words in one]
        assert str(count) in line


def test_of_very_many_faults_all_are_counted(imports: FakeImports, client: JunhengClient) -> None:
    imports.faults = [fault(row) for row in range(2, 5)]
    counted = {"count": 40_000, "listed": 3, "by_code": {}, "is_complete": False}
    imports.steps = [failed(rows=40_000, failed=40_000) | {"faults": counted}]
    shown = run("imports", "show", opened(client), *WHO).stdout
    assert "39,997 more, 40,000 in total" in shown
    assert "the rows were checked one by one, not against each other" in shown


def test_a_dry_run_is_committed(imports: FakeImports, client: JunhengClient) -> None:
    result = run("imports", "commit", opened(client, dry_run=True), *WHO)
    assert result.exit_code == 0
    assert "staff.csv → staff: imported" in result.stdout
    assert imports.job["dry_run"] is False


def test_rows_can_be_downloaded(
    imports: FakeImports, client: JunhengClient, tmp_path: Path
) -> None:
    job_id = opened(client)
    for what in ("failed", "applied"):
        file = tmp_path / f"{what}.csv"
        assert run("imports", what, job_id, "--output", str(file), *WHO).exit_code == 0
        assert file.read_text() == f"{what}\n"


def test_the_latest_imports_of_all_services_are_listed(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient
) -> None:
    FakeImports(platform, "appraisal")
    cases = FakeImports(platform, "accountability")
    first = opened(client)
    client.import_bytes("cases", b"a\n1\n", file_name="线索.csv")
    cases.job["created_at"] = "2026-01-05T10:00:00+08:00"
    imports.jobs[first] |= completed(rows=3, created=3)
    heads = [line for line in run("imports", "list", *WHO).stdout.splitlines() if line[0] != " "]
    assert [head.split()[0] for head in heads] == [cases.job["id"], first]
    result = run("imports", "list", "--limit", "1", *WHO)
    assert "线索.csv → cases: imported" in result.stdout
    assert "staff.csv" not in result.stdout


def test_an_empty_list_prints_a_message(platform: FakePlatform, imports: FakeImports) -> None:
    FakeImports(platform, "appraisal")
    FakeImports(platform, "accountability")
    assert run("imports", "list", *WHO).stdout == "there are no imports\n"


def test_an_unknown_id_is_refused(platform: FakePlatform) -> None:
    platform.on("GET", "/accountability/v1/imports/x", problem(404, "import.not_found"))
    result = run("imports", "show", "x", *WHO)
    assert result.exit_code == 1
    assert "import.not_found" in result.stderr
