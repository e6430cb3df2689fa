"""Export jobs are waited for and downloaded, also after interruptions."""

from pathlib import Path

import pytest

from client.api import ExportFailed, JunhengClient, Problem, Unreachable
from client.exports.job import ExportJob, FileDamaged
from client.retry import RetryPolicy
from tests.client.fake import FakePlatform, problem
from tests.client.fake_exports import FakeExports


def ready(client: JunhengClient) -> ExportJob:
    return client.wait_for_export(client.open_export("staff"))


def test_an_export_is_opened_with_its_options(
    exports: FakeExports, client: JunhengClient, platform: FakePlatform
) -> None:
    query = {"status": ["active", "left"], "sort": "-name", "fields": None}
    client.open_export("staff", form="ndjson", gzip=True, query=query)
    (body,) = platform.bodies("POST", exports.path)
    assert body == {
        "resource": "staff", "within": {}, "format": "ndjson", "compress": "gzip", "bom": False,
        "query": {"status": ["active", "left"], "sort": "-name"},
    }  # fmt: skip


def test_an_export_is_waited_for_and_downloaded(
    exports: FakeExports, client: JunhengClient, tmp_path: Path
) -> None:
    seen: list[tuple[str, int]] = []
    job = client.wait_for_export(
        client.open_export("staff"), on_progress=lambda job, _: seen.append((job.state, job.bytes))
    )
    assert seen == [("running", 10), ("completed", 10_000)]
    assert client.fetch_export(job, tmp_path / "a.csv") == 10_000
    assert (tmp_path / "a.csv").read_bytes() == exports.content


def test_a_broken_download_is_resumed(
    exports: FakeExports, client: JunhengClient, tmp_path: Path
) -> None:
    exports.breaks = [3000, 0, 4000]
    client.fetch_export(ready(client), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == exports.content
    assert exports.ranges == [None, "bytes=3000-", "bytes=3000-", "bytes=7000-"]


def test_giving_up_leaves_no_file(
    exports: FakeExports, platform: FakePlatform, tmp_path: Path
) -> None:
    exports.breaks = [3000]
    with platform.client(RetryPolicy(seconds=0)) as client, pytest.raises(Unreachable):
        client.fetch_export(ready(client), tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_does_not_replace_the_old_one(
    exports: FakeExports, client: JunhengClient, tmp_path: Path
) -> None:
    job = ready(client)
    exports.content = b"b\n" * 5000
    (tmp_path / "a.csv").write_text("before")
    with pytest.raises(FileDamaged):
        client.fetch_export(job, tmp_path / "a.csv")
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"a.csv": "before"}


def test_a_refusal_is_not_repeated(
    exports: FakeExports, client: JunhengClient, platform: FakePlatform, tmp_path: Path
) -> None:
    job = ready(client)
    platform.on("GET", f"{job.path}/content", problem(410, "export.expired"))
    with pytest.raises(Problem, match=r"export\.expired"):
        client.fetch_export(job, tmp_path / "a.csv")
    assert exports.ranges == [None]


def test_a_failed_export_has_no_file(exports: FakeExports, client: JunhengClient) -> None:
    why = {"title": "Too many rows", "status": 422, "code": "platform.export_too_large"}
    exports.steps = [{"state": "failed", "problem": why}]
    with pytest.raises(ExportFailed) as failure:
        ready(client)
    assert failure.value.problem
    assert failure.value.problem.code == "platform.export_too_large"


def test_an_export_is_found_at_its_service_and_cancelled(
    exports: FakeExports, client: JunhengClient
) -> None:
    opened = client.open_export("staff")
    job = client.find_export(opened.id)
    assert (job.service, job.state) == ("schools", "running")
    assert client.cancel_export(job).state == "cancelled"
    with pytest.raises(ExportFailed, match="cancelled"):
        client.wait_for_export(job)
