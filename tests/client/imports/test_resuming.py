"""Imports are resumed after every interruption and never started twice."""

from pathlib import Path

import httpx
import pytest

from client.api import JunhengClient, Problem, Unreachable
from client.imports.job import ImportJob
from client.imports.upload import FileChanged, Upload
from client.retry import RetryPolicy
from tests.client.fake import FakePlatform, problem
from tests.client.fake_imports import FakeImports, completed


def ranges(imports: FakeImports) -> list[str | None]:
    return [one.headers.get("Content-Range") for one in imports.uploads]


def test_a_broken_upload_is_resumed(
    imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    imports.breaks = [1000, 2000]
    job = client.import_file("staff", file)
    size = file.stat().st_size
    assert ranges(imports) == [
        None,
        f"bytes 1000-{size - 1}/{size}",
        f"bytes 3000-{size - 1}/{size}",
    ]
    assert imports.contents[job.id] == file.read_bytes()
    assert len(imports.jobs) == 1


def test_a_temporarily_refused_upload_is_sent_again(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient
) -> None:
    imports.refusals = [problem(503, retry_after=3), problem(409, "import.upload_running")]
    assert client.import_bytes("staff", b"a\n1\n").is_completed
    assert platform.waits[0] == 3.0
    assert len(platform.waits) == 2


def test_retry_limits_start_again_when_bytes_arrive(
    platform: FakePlatform, imports: FakeImports, file: Path
) -> None:
    # Without progress, the third delay would exceed the limit.
    with platform.client(RetryPolicy(seconds=0.3, first_delay=0.2)) as client:
        imports.breaks = [10, 10, 10]
        assert client.import_file("staff", file).is_completed
        imports.breaks = [0] * 5
        with pytest.raises(Unreachable, match="reset"):
            client.import_bytes("staff", b"another file")


def test_a_complete_file_of_an_open_import_is_sent_again(
    imports: FakeImports, client: JunhengClient
) -> None:
    imports.breaks = [4]
    assert client.import_bytes("staff", b"a\n1\n").is_completed
    assert ranges(imports) == [None, None]


def test_a_lost_answer_causes_no_second_upload(imports: FakeImports, client: JunhengClient) -> None:
    imports.loses_answer = True
    assert client.import_bytes("staff", b"a\n1\n").is_completed
    assert len(imports.uploads) == 1


def test_a_file_other_than_announced_is_refused(
    imports: FakeImports, client: JunhengClient
) -> None:
    job = client.open_import("staff", Upload.of_bytes(b"a\n1\n", "staff.csv"))
    with pytest.raises(Problem, match=r"import\.file_differs"):
        client.send_file(job, Upload.of_bytes(b"a\n2\n", "staff.csv"))


def test_a_truncated_file_is_an_error(
    imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    upload = Upload.of_file(file)
    job = client.open_import("staff", upload)
    file.write_bytes(b"short")
    with pytest.raises(FileChanged):
        client.send_file(job, upload)


def test_a_repeated_call_resumes_the_upload(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    imports.breaks = [300_000]
    with pytest.raises(Unreachable), platform.client(RetryPolicy(seconds=0)) as impatient:
        impatient.import_file("staff", file)
    reported: list[ImportJob] = []
    job = client.import_file("staff", file, on_progress=reported.append)
    assert reported[0].received == 300_000
    assert len(imports.jobs) == 1
    assert imports.contents[job.id] == file.read_bytes()


def test_a_repeated_call_waits_for_the_running_import(
    imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    first = client.import_file("staff", file, wait=False)
    again = client.import_file("staff", file)
    assert again.id == first.id
    assert len(imports.uploads) == 1


def test_imports_of_other_logins_make_no_difference(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    imports.breaks = [300_000]
    with pytest.raises(Unreachable), platform.client(RetryPolicy(seconds=0)) as impatient:
        impatient.import_file("staff", file)
    theirs = imports.job | {"id": "x", "created_by": "wang.wei"} | completed(rows=1, created=1)
    imports.jobs["x"] = theirs
    client.import_file("staff", file)
    assert len(imports.jobs) == 2, "the resumed one, and theirs"


def test_explicit_defaults_are_the_same_import(
    imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    client.import_file("staff", file, wait=False)
    client.import_file("staff", file, wait=False, operation="upsert", dry_run=False)
    assert len(imports.jobs) == 1


def test_other_options_or_another_file_are_another_import(
    imports: FakeImports, client: JunhengClient, tmp_path: Path, file: Path
) -> None:
    client.import_file("staff", file, wait=False)
    client.import_file("staff", file, wait=False, column_mapping={"备注": None})
    renamed = file.rename(tmp_path / "teachers.csv")
    client.import_file("staff", renamed, wait=False)
    renamed.write_bytes(b"staff_no\n")
    client.import_file("staff", renamed, wait=False)
    assert len(imports.jobs) == 4


def test_a_call_after_the_end_opens_a_new_import(
    imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    ids = {client.import_file("staff", file).id for _ in range(3)}
    assert len(ids) == 3
    imports.steps = []
    client.cancel(client.import_file("staff", file, wait=False))
    imports.steps = [completed(rows=1)]
    client.import_file("staff", file)
    assert len(imports.jobs) == 5


def test_opening_is_retried_with_the_same_key(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient
) -> None:
    opened = platform.answers("POST", imports.path)
    platform.on("POST", imports.path, problem(503), httpx.ReadError("reset"), *opened)
    assert client.import_bytes("staff", b"a\n1\n").is_completed
    keys = {one.headers["Idempotency-Key"] for one in platform.sent("POST", imports.path)}
    assert len(keys) == 1


def test_an_import_uploaded_by_another_client_is_polled(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient
) -> None:
    job = client.open_import("staff", Upload.of_bytes(b"a\n1\n", "staff.csv"))

    def sent_meanwhile(reported: ImportJob) -> None:
        if reported.is_open:
            client.send_file(reported, Upload.of_bytes(b"a\n1\n", "staff.csv"))

    assert client.wait_for(job, on_progress=sent_meanwhile).is_completed
    assert set(platform.waits) == {1}
