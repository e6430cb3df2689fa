"""A file on its way out of the platform: the service is killed while it is fetched."""

from pathlib import Path

import pytest

from client.accounts import Login
from client.api import JunhengClient
from client.exports.job import ExportJob
from deploy.local.runner import Platform
from tests.e2e.test_import import ROWS, start, write_schools


@pytest.fixture(scope="module")
def filled(platform: Platform, login: Login, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """The platform with many schools."""
    file = write_schools(tmp_path_factory.mktemp("files") / "schools.csv", 30_000_000)
    with JunhengClient(platform.options.url("gateway"), login.credentials) as client:
        assert client.import_file("schools", file).progress.created == ROWS
    return platform


def test_a_download_goes_on_after_the_service_was_killed(
    filled: Platform, client: JunhengClient, tmp_path: Path
) -> None:
    job = client.wait_for_export(client.open_export("schools", form="ndjson"))
    assert job.rows == ROWS
    arrivals: list[int] = []

    def kill(_job: ExportJob, arrived: int) -> None:
        if not arrivals:
            filled.services["schools"].kill()
            filled.start_service("schools")
        arrivals.append(arrived)

    client.fetch_export(job, tmp_path / "schools.ndjson", on_progress=kill)
    assert (tmp_path / "schools.ndjson").read_bytes().count(b"\n") == ROWS
    assert [file.name for file in tmp_path.iterdir()] == ["schools.ndjson"]
    assert arrivals == sorted(arrivals)


def test_the_command_line_exports_by_a_job_what_it_streams(
    filled: Platform, login: Login, tmp_path: Path
) -> None:
    chosen = ["--where", "status=active", "--fields", "school_code", "--sort", "-school_code"]
    files = [tmp_path / "job.csv", tmp_path / "streamed.csv"]
    for file, more in zip(files, (["--job"], []), strict=True):
        words = ["export", "schools", *chosen, *more, "--output", str(file)]
        done = start(filled, login, *words)
        _, said = done.communicate(timeout=120)
        assert done.returncode == 0, said
        assert "exported" in said
    lines = files[0].read_text("utf-8").splitlines()
    assert lines == files[1].read_text("utf-8").splitlines()
    assert lines[1:] == sorted(lines[1:], reverse=True)
    assert len(lines) == ROWS + 1
    listed, _ = start(filled, login, "exports", "list").communicate(timeout=60)
    assert "complete, kept until" in listed
