"""A file on its way into the platform: the sender is killed, then the service."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from client.accounts import Login
from client.api import ImportJob, JunhengClient
from deploy.local.runner import Platform
from tests.e2e.test_year import wait_until

ROWS = 20_000


class Killed(BaseException):
    """The process ends here."""


def write_schools(file: Path, first: int) -> Path:
    """So many schools, in a file of some megabytes."""
    where = "示例县镇中心区" + "1" * 150
    rows = [f"21{first + n:08},示例县第{n}小学,小学,镇中心区,{where}\n" for n in range(ROWS)]
    file.write_text("学校标识码,学校名称,办学类型,城乡类型,地址\n" + "".join(rows), "utf-8")
    return file


def start(platform: Platform, login: Login, *words: str) -> "subprocess.Popen[str]":
    """`junheng` as a person would run it."""
    environment = os.environ | {
        "JUNHENG_GATEWAY_URL": platform.options.url("gateway"),
        "JUNHENG_USERNAME": login.username,
        "JUNHENG_PASSWORD": login.password,
        "LANG": "en_GB.UTF-8",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "client.cli", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def imports_that_are(client: JunhengClient, *states: str) -> list[dict[str, Any]]:
    """The imports of schools in these states."""
    return list(client.iterate("/schools/v1/imports", state=states))


def created(printed: str) -> str:
    """The number of new rows in a summary."""
    found = re.search(r"│ Created +│ +([\d,]+) │", printed)
    assert found is not None, printed
    return found[1]


def test_an_upload_whose_sender_was_killed_goes_on_with_the_same_command(
    platform: Platform, login: Login, client: JunhengClient, tmp_path: Path
) -> None:
    file = write_schools(tmp_path / "schools.csv", 10_000_000)

    def die(job: ImportJob) -> None:
        if job.received > 3_000_000:
            raise Killed

    with pytest.raises(Killed):
        client.import_file("schools", file, on_progress=die)
    wait_until(lambda: bool(imports_that_are(client, "open")[0]["received"]))
    (broken,) = imports_that_are(client, "open")
    import_id = broken["id"]

    said, progress = start(platform, login, "import", "schools", str(file)).communicate(timeout=120)
    assert f"resuming import {import_id}" in progress
    assert created(said) == f"{ROWS:,}"
    job = client.find_import(import_id)
    assert (job.state, job.received) == ("completed", file.stat().st_size)
    assert len(list(client.iterate("/schools/v1/imports"))) == 1


def test_an_import_whose_service_was_killed_is_waited_for(
    platform: Platform, login: Login, client: JunhengClient, tmp_path: Path
) -> None:
    file = write_schools(tmp_path / "more.csv", 20_000_000)
    sender = start(platform, login, "import", "schools", str(file))
    wait_until(lambda: bool(imports_that_are(client, "queued", "validating", "loading")))
    platform.services["schools"].kill()
    platform.start_service("schools")
    said, progress = sender.communicate(timeout=180)
    assert sender.returncode == 0, progress
    assert created(said) == f"{ROWS:,}"
