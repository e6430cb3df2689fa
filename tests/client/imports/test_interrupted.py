"""An import goes on after every interruption, and never begins twice."""

from pathlib import Path

import httpx
import pytest

from client.api import JunhengClient, Problem, Unreachable
from client.imports.job import ImportJob
from client.imports.upload import FileChanged, Upload
from client.patience import Patience
from tests.client.fake import FakePlatform, problem
from tests.client.fake_imports import FakeImports, completed


def ranges(imports: FakeImports) -> list[str | None]:
    return [one.headers.get("Content-Range") for one in imports.uploads]


def test_a_broken_upload_goes_on_from_what_has_arrived(
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


def test_an_upload_that_is_refused_for_now_is_sent_again(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient
) -> None:
    imports.refusals = [problem(503, retry_after=3), problem(409, "import.upload_running")]
    assert client.import_bytes("staff", b"a\n1\n").is_completed
    assert platform.waits[0] == 3.0
    assert len(platform.waits) == 2


def test_patience_begins_anew_with_whatever_arrives(
    platform: FakePlatform, imports: FakeImports, file: Path
) -> None:
    # Each wait is longer than half of all patience; only the third brings nothing forward.
    with platform.client(Patience(seconds=0.3, first_wait=0.2)) as client:
        imports.breaks = [10, 10, 10]
        assert client.import_file("staff", file).is_completed
        imports.breaks = [0] * 5
        with pytest.raises(Unreachable, match="reset"):
            client.import_bytes("staff", b"another file")


def test_a_file_that_is_there_but_not_counted_as_whole_is_sent_once_more(
    imports: FakeImports, client: JunhengClient
) -> None:
    imports.breaks = [4]
    assert client.import_bytes("staff", b"a\n1\n").is_completed
    assert ranges(imports) == [None, None]


def test_a_lost_answer_does_no_harm(imports: FakeImports, client: JunhengClient) -> None:
    imports.loses_answer = True
    assert client.import_bytes("staff", b"a\n1\n").is_completed
    assert len(imports.uploads) == 1


def test_another_file_than_announced_is_refused(
    imports: FakeImports, client: JunhengClient
) -> None:
    job = client.open_import("staff", Upload.of_bytes(b"a\n1\n", "staff.csv"))
    with pytest.raises(Problem, match=r"import\.file_differs"):
        client.send_file(job, Upload.of_bytes(b"a\n2\n", "staff.csv"))


def test_a_file_that_becomes_shorter_is_noticed(
    imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    upload = Upload.of_file(file)
    job = client.open_import("staff", upload)
    file.write_bytes(b"short")
    with pytest.raises(FileChanged):
        client.send_file(job, upload)


def test_begun_again_it_goes_on_with_the_same_import(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    imports.breaks = [300_000]
    with pytest.raises(Unreachable), platform.client(Patience(seconds=0)) as impatient:
        impatient.import_file("staff", file)
    told: list[ImportJob] = []
    job = client.import_file("staff", file, on_progress=told.append)
    assert told[0].received == 300_000
    assert len(imports.jobs) == 1
    assert imports.contents[job.id] == file.read_bytes()


def test_begun_again_it_waits_for_the_import_that_runs(
    imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    first = client.import_file("staff", file, wait=False)
    again = client.import_file("staff", file)
    assert again.id == first.id
    assert len(imports.uploads) == 1


def test_what_others_import_meanwhile_makes_no_difference(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    imports.breaks = [300_000]
    with pytest.raises(Unreachable), platform.client(Patience(seconds=0)) as impatient:
        impatient.import_file("staff", file)
    theirs = imports.job | {"id": "x", "created_by": "wang.wei"} | completed(rows=1, created=1)
    imports.jobs["x"] = theirs
    client.import_file("staff", file)
    assert len(imports.jobs) == 2, "the one that was half sent, and theirs"


def test_saying_what_is_usual_makes_no_other_import(
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


def test_once_it_has_ended_the_next_is_a_new_one(
    imports: FakeImports, client: JunhengClient, file: Path
) -> None:
    ids = {client.import_file("staff", file).id for _ in range(3)}
    assert len(ids) == 3
    imports.steps = []
    client.cancel(client.import_file("staff", file, wait=False))
    imports.steps = [completed(rows=1)]
    client.import_file("staff", file)
    assert len(imports.jobs) == 5


def test_opening_is_repeated_with_its_key(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient
) -> None:
    opened = platform.answers("POST", imports.path)
    platform.on("POST", imports.path, problem(503), httpx.ReadError("reset"), *opened)
    assert client.import_bytes("staff", b"a\n1\n").is_completed
    keys = {one.headers["Idempotency-Key"] for one in platform.sent("POST", imports.path)}
    assert len(keys) == 1


def test_an_import_whose_file_somebody_else_sends_is_looked_at_now_and_then(
    platform: FakePlatform, imports: FakeImports, client: JunhengClient
) -> None:
    job = client.open_import("staff", Upload.of_bytes(b"a\n1\n", "staff.csv"))

    def sent_meanwhile(told: ImportJob) -> None:
        if told.is_open:
            client.send_file(told, Upload.of_bytes(b"a\n1\n", "staff.csv"))

    assert client.wait_for(job, on_progress=sent_meanwhile).is_completed
    assert set(platform.waits) == {1}
