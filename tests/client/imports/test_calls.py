"""Import calls: requests and outcomes."""

from pathlib import Path

import httpx
import pytest

from client.api import ImportFailed, ImportJob, JunhengClient
from client.imports.options import ImportOptions
from client.problems import Problem
from tests.client.fake import FakePlatform, answer, problem
from tests.client.fake_imports import FakeImports, completed, failed, fault, progress

CYCLE = {"id": "0193b2d0-7c1e-7c70-9c5a-0d1b2c3d4e5f", "year": 2025}


def test_a_file_is_imported(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    imports.steps = [completed(rows=3, created=1, updated=1, unchanged=1)]
    job = client.import_file("staff", file)
    assert (job.state, job.progress.rows, job.progress.applied) == ("completed", 3, 3)
    assert (job.seconds, job.rows_per_second) == (2.5, 1680.0)
    (opened,) = platform.bodies("POST", imports.path)
    assert opened == {
        "resource": "staff",
        "file_name": "staff.csv",
        "size": file.stat().st_size,
        "sha256": imports.job["sha256"],
        "operation": "upsert",
        "mode": "all_or_nothing",
        "dry_run": False,
        "allow_shrink": False,
        "column_mapping": {},
        "value_mapping": {},
        "ignore_unknown_columns": False,
    }
    assert imports.contents[job.id] == file.read_bytes()


def test_options_are_sent(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient
) -> None:
    client.import_bytes(
        "staff",
        b"{}\n",
        file_name="staff.ndjson",
        operation="replace",
        mode="all_or_nothing",
        dry_run=True,
        allow_shrink=True,
        column_mapping={"编号": "staff_no", "备注": None},
        value_mapping={"title": {"中一": "first"}},
        ignore_unknown_columns=True,
        encoding="gb18030",
        delimiter="\t",
    )
    (opened,) = platform.bodies("POST", imports.path)
    del opened["size"], opened["sha256"]
    assert opened == {
        "resource": "staff",
        "file_name": "staff.ndjson",
        "operation": "replace",
        "mode": "all_or_nothing",
        "dry_run": True,
        "allow_shrink": True,
        "column_mapping": {"编号": "staff_no", "备注": None},
        "value_mapping": {"title": {"中一": "first"}},
        "ignore_unknown_columns": True,
        "encoding": "gb18030",
        "delimiter": "\t",
    }


@pytest.mark.parametrize(
    ("resource", "service"),
    [("schools", "schools"), ("assignments", "schools"), ("cases", "accountability")],
)
def test_each_resource_is_sent_to_its_service(
    platform: FakePlatform, client: JunhengClient, resource: str, service: str
) -> None:
    imports = FakeImports(platform, service)
    client.import_bytes(resource, b"a\n1\n")
    assert imports.job["resource"] == resource


def test_resources_of_a_year_are_sent_to_its_cycle(
    platform: FakePlatform, client: JunhengClient
) -> None:
    imports = FakeImports(platform, "appraisal")
    platform.on("GET", "/appraisal/v1/cycles/by-key/2025", answer(CYCLE))
    client.import_bytes("scores", b"a\n1\n", cycle=2025)
    assert imports.job["within"] == {"cycle_id": CYCLE["id"]}
    client.import_bytes("participation-records", b"a\n1\n", within={"cycle_id": "c-2"})
    assert imports.job["within"] == {"cycle_id": "c-2"}


@pytest.mark.parametrize(
    ("resource", "options"),
    [("pupils", {}), ("results", {"cycle": 2025}), ("scores", {}), ("staff", {"cycle": 2025})],
)
def test_invalid_imports_are_not_sent(
    platform: FakePlatform, client: JunhengClient, resource: str, options: ImportOptions
) -> None:
    with pytest.raises(ValueError, match=resource):
        client.import_bytes(resource, b"", **options)
    assert platform.requests == []


def test_an_empty_file_is_sent(imports: FakeImports, client: JunhengClient) -> None:
    imports.steps = [failed("import.empty")]
    with pytest.raises(ImportFailed):
        client.import_bytes("staff", b"")
    assert len(imports.uploads) == 1


def test_a_failed_import_is_raised_with_its_faults(
    imports: FakeImports, client: JunhengClient
) -> None:
    imports.steps = [failed(rows=3, failed=2, unprocessed=1)]
    imports.faults = [fault(2), fault(4, "name", "missing")]
    with pytest.raises(ImportFailed) as raised:
        client.import_bytes("staff", b"a\n1\n")
    failure = raised.value
    assert failure.problem is not None
    assert failure.problem.code == "import.rows_failed"
    assert (failure.job.progress.failed, failure.job.progress.unprocessed) == (2, 1)
    reported = [(one.row, one.field_name, one.code) for one in client.faults(failure.job)]
    assert reported == [(2, "id_number", "id_number.checksum"), (4, "name", "missing")]
    assert client.count_faults(failure.job) == 2


def test_faults_of_the_file_as_a_whole_come_first(
    imports: FakeImports, client: JunhengClient
) -> None:
    pointed = {"pointer": "/rows/1/备注", "code": "import.unknown_column", "message": "Unknown"}
    imports.steps = [failed("platform.invalid", [pointed])]
    with pytest.raises(ImportFailed, match=r"platform\.invalid") as raised:
        client.import_bytes("staff", b"a\n1\n")
    (reported,) = client.faults(raised.value.job)
    assert (reported.row, reported.field_name, reported.code) == (
        1,
        "备注",
        "import.unknown_column",
    )


def test_faulty_rows_are_no_failure_with_valid_rows(
    imports: FakeImports, client: JunhengClient
) -> None:
    imports.steps = [completed(rows=3, created=2, failed=1)]
    job = client.import_bytes("staff", b"a\n1\n", mode="valid_rows")
    assert (job.progress.applied, job.progress.failed) == (2, 1)


def test_a_dry_run_is_committed_without_another_upload(
    imports: FakeImports, client: JunhengClient
) -> None:
    tried = client.import_bytes("staff", b"a\n1\n", dry_run=True)
    assert (tried.is_completed, tried.dry_run) == (True, True)
    done = client.wait_for(client.commit(tried))
    assert (done.id, done.is_completed, done.dry_run) == (tried.id, True, False)
    assert len(imports.uploads) == 1


def test_an_import_can_be_cancelled(imports: FakeImports, client: JunhengClient) -> None:
    imports.steps = []
    job = client.import_bytes("staff", b"a\n1\n", wait=False)
    assert job.state == "queued"
    assert client.cancel(job).state == "cancelled"
    with pytest.raises(ImportFailed) as raised:
        client.wait_for(job)
    assert raised.value.problem is None
    with pytest.raises(Problem, match=r"import\.ended"):
        client.cancel(job)


def test_progress_is_reported_from_the_first_byte_to_the_end(
    imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    imports.steps = [
        {"state": "validating", "progress": progress(rows=1)},
        {"state": "loading", "progress": progress(rows=3, created=1)},
        completed(rows=3, created=3),
    ]
    reported: list[ImportJob] = []
    client.import_file("staff", file, on_progress=reported.append)
    sizes = [one.received for one in reported if one.is_open]
    assert sizes == [0, 262_144, 524_288, file.stat().st_size]
    states = [one.state for one in reported if not one.is_open]
    assert states == ["queued", "validating", "loading", "completed"]


def test_the_client_waits_by_long_polling(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient
) -> None:
    queued = {"state": "queued"}
    imports.steps = [queued, completed(rows=1)]
    client.import_bytes("staff", b"a\n1\n")
    looks = platform.sent("GET", f"{imports.path}/{imports.job['id']}")
    assert [look.url.params["wait"] for look in looks] == ["30", "30"]
    assert platform.waits == []


def test_rows_are_saved_as_files(
    imports: FakeImports, client: JunhengClient, tmp_path: Path
) -> None:
    job = client.import_bytes("staff", b"a\n1\n")
    assert client.failed_rows(job, tmp_path / "failed.csv") == len(b"failed\n")
    assert client.applied_rows(job, tmp_path / "applied.csv") == len(b"applied\n")
    found = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    assert found == {"failed.csv": b"failed\n", "applied.csv": b"applied\n"}


def test_an_import_is_found_at_any_service(platform: FakePlatform, client: JunhengClient) -> None:
    imports = FakeImports(platform, "accountability")
    job = client.import_bytes("cases", b"a\n1\n")
    assert client.find_import(job.id).resource == "cases"
    with pytest.raises(Problem) as raised:
        client.find_import("unknown")
    assert raised.value.status == 404
    assert imports.jobs.keys() == {job.id}


def test_a_refusal_is_a_problem(platform: FakePlatform, client: JunhengClient) -> None:
    platform.on("GET", "/schools/v1/imports", httpx.Response(200, json={"data": []}))
    platform.on("GET", "/v1/me", httpx.Response(200, json={"name": "li.na"}))
    platform.on("POST", "/schools/v1/imports", problem(403, "auth.missing_scope"))
    with pytest.raises(Problem, match=r"auth\.missing_scope"):
        client.import_bytes("staff", b"a\n1\n")
